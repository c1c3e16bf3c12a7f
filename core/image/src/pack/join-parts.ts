// SPDX-License-Identifier: Apache-2.0
import { NO_PACK, ROW_BYTES } from '../format/chunk-row.js';
import type { HashName, ManifestPart } from '../format/image-manifest.js';
import { runningHash } from '../format/running-hash.js';
import { rowContents } from '../format/table-digest.js';
import type { UsedPack } from './packed-image.js';
import type { PartRows } from './part-rows.js';
import { RowList } from './row-list.js';
import { TURN_ROWS, Turns } from './turns.js';

/** A part, however small, costs as much as so many rows. */
const PART_ROWS = 16;

/** A table of all parts. */
export interface JoinedParts {
  readonly table: Buffer;
  readonly parts: readonly ManifestPart[];
  readonly packs: readonly UsedPack[];
}

/** Puts the rows of all parts into one table, and numbers the packs that they use. */
export async function joinParts(
  hash: HashName,
  parts: Iterable<PartRows>,
  packs: ReadonlyMap<number, UsedPack>,
): Promise<JoinedParts> {
  const turns = new Turns();
  const rows = new RowList();
  const joined: ManifestPart[] = [];
  for (const { name, kind, size, pieces } of [...parts].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const first = rows.count;
    rows.beginPart();
    for (const piece of pieces) {
      rows.append(piece);
      await turns.after(piece.length / ROW_BYTES);
    }
    const count = rows.count - first;
    const digest = await partDigest(hash, rows.table, [first, count], turns);
    joined.push({ name, kind, size, rows: [first, count], digest });
  }
  const { table } = rows;
  return { table, parts: joined, packs: await numberPacks(table, packs, turns) };
}

/** See partDigest of the format; this one lets others work. */
async function partDigest(
  hash: HashName,
  table: Buffer,
  [first, count]: readonly [number, number],
  turns: Turns,
): Promise<string> {
  const running = runningHash(hash);
  for (let row = first; row < first + count; row += TURN_ROWS) {
    const some = Math.min(TURN_ROWS, first + count - row);
    running.update(rowContents(table, row, some));
    await turns.after(some);
  }
  await turns.after(PART_ROWS);
  return `${hash}:${running.digest('hex')}`;
}

/** Changes the numbers in the table to places in the list that is returned: of the packs that are used, in the order of first use. */
async function numberPacks(table: Buffer, packs: ReadonlyMap<number, UsedPack>, turns: Turns): Promise<UsedPack[]> {
  const places = new Map<number, number>();
  const used: UsedPack[] = [];
  for (let from = 0; from < table.length; from += TURN_ROWS * ROW_BYTES) {
    const some = table.subarray(from, from + TURN_ROWS * ROW_BYTES);
    for (let at = 40; at < some.length; at += ROW_BYTES) {
      const number = some.readUInt32LE(at);
      if (number === NO_PACK) continue;
      let place = places.get(number);
      if (place === undefined) {
        const pack = packs.get(number);
        if (pack === undefined) throw new Error(`pack ${number} was not completed`);
        place = used.push(pack) - 1;
        places.set(number, place);
      }
      some.writeUInt32LE(place, at);
    }
    await turns.after(some.length / ROW_BYTES);
  }
  return used;
}
