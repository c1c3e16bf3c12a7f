// SPDX-License-Identifier: Apache-2.0
import { checkPartName, type PartKind } from '@grit/plugin-api';
import { MAX_HOLE_BYTES } from './chunk-row.js';
import { fields, isCount, need } from './check-fields.js';
import { MAX_PACK_BYTES, PACK_ALIGNMENT } from './format-limits.js';
import type { ManifestPart } from './image-manifest.js';

const KINDS: readonly PartKind[] = ['memory', 'runtime', 'rootfs', 'log', 'volume', 'device'];
const PACK_NAME = /^pk-[A-Za-z0-9]{26}$/;

/** The check of a digest: of the manifest's hash, in its text form. */
type DigestCheck = (digest: unknown) => boolean;

/** Checks the manifest's list of packs: names, which become paths, and sizes. */
export function checkPacks(packs: unknown, isDigest: DigestCheck): void {
  need(Array.isArray(packs), 'packs');
  const names = new Set<unknown>();
  for (const value of packs as readonly unknown[]) {
    const pack = fields(value, 'packs', ['name', 'size', 'index']);
    need(typeof pack.name === 'string' && PACK_NAME.test(pack.name), 'name of a pack');
    const name = pack.name as string;
    const { size } = pack;
    // One block of data and one of index at least.
    need(isCount(size) && size >= 2 * PACK_ALIGNMENT && size % PACK_ALIGNMENT === 0, `size of pack ${name}`);
    need((size as number) <= MAX_PACK_BYTES, `size of pack ${name}`);
    need(isDigest(pack.index), `index of pack ${name}`);
    if (names.has(name)) throw new Error(`two packs have the name ${name}`);
    names.add(name);
  }
}

/** Checks the manifest's list of parts. Returns how many rows they have together. */
export function checkParts(parts: unknown, isDigest: DigestCheck): number {
  need(Array.isArray(parts), 'parts');
  const names = new Set<string>();
  let rows = 0;
  let last = '';
  for (const value of parts as readonly unknown[]) {
    const { name, rows: count } = checkPart(value, rows, isDigest);
    if (names.has(name)) throw new Error(`two parts have the name ${name}`);
    need(last < name, `the place of part ${name}`);
    names.add(name);
    last = name;
    rows += count[1];
  }
  checkPaths(names);
  return rows;
}

function checkPart(value: unknown, first: number, isDigest: DigestCheck): ManifestPart {
  const part = fields(value, 'parts', ['name', 'kind', 'size', 'rows', 'digest']);
  const name = checkPartName(part.name);
  need(KINDS.includes(part.kind as PartKind), `kind of part ${name}`);
  const { size, rows } = part;
  need(isCount(size), `size of part ${name}`);
  const pair = Array.isArray(rows) && rows.length === 2 && rows.every(isCount);
  need(pair, `rows of part ${name}`);
  const [at, count] = rows as [number, number];
  need(at === first, `first row of part ${name}`);
  // A row has at least a byte, and at most those of the largest hole.
  need(count <= (size as number) && count >= Math.ceil((size as number) / MAX_HOLE_BYTES), `rows of part ${name}`);
  need(isDigest(part.digest), `digest of part ${name}`);
  return value as ManifestPart;
}

/** Names become paths: none of them is the directory of another. */
function checkPaths(names: ReadonlySet<string>): void {
  for (const name of names) {
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      if (names.has(name.slice(0, end))) throw new Error(`part ${name} lies below part ${name.slice(0, end)}`);
    }
  }
}
