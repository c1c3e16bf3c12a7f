// SPDX-License-Identifier: Apache-2.0
import { NO_PACK, ROW_BYTES } from '../format/chunk-row.js';
import type { HashName, ManifestPart } from '../format/image-manifest.js';
import { partDigest } from '../format/table-digest.js';
import type { UsedPack } from './packed-image.js';
import type { PartRows } from './part-rows.js';
import { RowList } from './row-list.js';

/** A table of all parts. */
export interface JoinedParts {
  readonly table: Buffer;
  readonly parts: readonly ManifestPart[];
  readonly packs: readonly UsedPack[];
}

/** Puts the rows of all parts into one table, and numbers the packs that they use. */
export function joinParts(
  hash: HashName,
  parts: Iterable<PartRows>,
  packs: ReadonlyMap<number, UsedPack>,
): JoinedParts {
  const rows = new RowList();
  const sorted = [...parts].sort((a, b) => (a.name < b.name ? -1 : 1));
  const ranges = sorted.map((part) => {
    const first = rows.count;
    rows.beginPart();
    for (const piece of part.pieces) rows.append(piece);
    return [first, rows.count - first] as const;
  });
  const { table } = rows;
  const used = numberPacks(table, packs);
  return {
    table,
    parts: sorted.map(({ name, kind, size }, index) => {
      const [first, count] = ranges[index] ?? [0, 0];
      return { name, kind, size, rows: [first, count], digest: partDigest(hash, table, first, count) };
    }),
    packs: used,
  };
}

/** Changes the numbers in the table to places in the list that is returned: of the packs that are used, in the order of first use. */
function numberPacks(table: Buffer, packs: ReadonlyMap<number, UsedPack>): UsedPack[] {
  const places = new Map<number, number>();
  const used: UsedPack[] = [];
  for (let at = 40; at < table.length; at += ROW_BYTES) {
    const number = table.readUInt32LE(at);
    if (number === NO_PACK) continue;
    let place = places.get(number);
    if (place === undefined) {
      const pack = packs.get(number);
      if (pack === undefined) throw new Error(`pack ${number} was not completed`);
      place = used.push(pack) - 1;
      places.set(number, place);
    }
    table.writeUInt32LE(place, at);
  }
  return used;
}
