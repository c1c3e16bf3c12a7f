// SPDX-License-Identifier: Apache-2.0
import { setImmediate } from 'node:timers/promises';
import { GritError, PAGE_BYTES } from '@grit/plugin-api';
import { throwIfAborted } from '../stream/until-aborted.js';
import { wrongRow } from './check-row.js';
import { ROW_BYTES } from './chunk-row.js';
import type { HashName, ImageManifest, ManifestPart } from './image-manifest.js';
import { TABLE_OBJECT } from './object-names.js';
import { runningHash } from './running-hash.js';
import { rowContents } from './table-digest.js';

/** Rows that are looked at before other work of the process has its turn: some milliseconds. */
const TURN_ROWS = 32 * 1024;

/** A part, however small, costs as much as so many rows. */
const PART_ROWS = 16;

/**
 * Checks a table against its manifest and trusts nothing in it: size, digest, every row, the sizes and digests of the parts. A table
 * that passed can be followed without looking again. It takes about 0.2 s for the million rows of 128 GiB, in short turns.
 *
 * Throws GRIT_IMAGE_PART_TRUNCATED for a size and GRIT_IMAGE_PART_CORRUPT for everything else, with the part (`rows` when it is the
 * table as a whole) and the number of the row in `details`; GRIT_ABORTED.
 */
export async function checkTable(manifest: ImageManifest, table: Buffer, signal: AbortSignal): Promise<void> {
  const expected = manifest.table.rows * ROW_BYTES;
  if (table.length !== expected) {
    const code = 'GRIT_IMAGE_PART_TRUNCATED';
    throw wrongTable(
      manifest,
      `the table has ${table.length} bytes instead of ${expected}`,
      TABLE_OBJECT,
      undefined,
      code,
    );
  }
  if ((await digestInTurns(manifest.hash, table, signal)) !== manifest.table.digest) {
    throw wrongTable(manifest, 'the table is not the one that was stored', TABLE_OBJECT);
  }
  const packs = manifest.packs.map(({ size }) => size);
  let since = 0;
  for (const part of manifest.parts) {
    if (since > TURN_ROWS) await turnOver(signal);
    since = (since > TURN_ROWS ? 0 : since) + part.rows[1] + PART_ROWS;
    await checkPart(manifest, part, table, packs, signal);
  }
}

async function checkPart(
  manifest: ImageManifest,
  part: ManifestPart,
  table: Buffer,
  packs: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  const [first, count] = part.rows;
  const end = first + count;
  const running = runningHash(manifest.hash);
  let size = 0;
  for (let row = first; row < end; row += TURN_ROWS) {
    const turn = Math.min(TURN_ROWS, end - row);
    if (row > first) await turnOver(signal);
    size += checkRows(manifest, part, table, packs, row, turn);
    running.update(rowContents(table, row, turn));
  }
  if (size !== part.size) {
    throw wrongTable(manifest, `the rows of part ${part.name} have ${size} bytes instead of ${part.size}`, part.name);
  }
  if (`${manifest.hash}:${running.digest('hex')}` !== part.digest) {
    throw wrongTable(manifest, `the rows of part ${part.name} are not those that were stored`, part.name);
  }
}

/** Checks so many rows of a part. Returns the sum of their lengths. */
function checkRows(
  manifest: ImageManifest,
  part: ManifestPart,
  table: Buffer,
  packs: readonly number[],
  first: number,
  count: number,
): number {
  const last = part.rows[0] + part.rows[1] - 1;
  let size = 0;
  for (let row = first; row < first + count; row++) {
    const length = table.readUInt32LE(row * ROW_BYTES + 32);
    const ragged = length % PAGE_BYTES !== 0 && row !== last;
    const why = ragged
      ? `has ${length} bytes and is not the last one`
      : wrongRow(table, row, packs, manifest.encryption !== null);
    if (why !== undefined) throw wrongTable(manifest, `row ${row} of part ${part.name} ${why}`, part.name, row);
    size += length;
  }
  return size;
}

async function digestInTurns(hash: HashName, table: Buffer, signal: AbortSignal): Promise<string> {
  const running = runningHash(hash);
  for (let at = 0; at < table.length; at += TURN_ROWS * ROW_BYTES) {
    if (at > 0) await turnOver(signal);
    running.update(table.subarray(at, at + TURN_ROWS * ROW_BYTES));
  }
  return `${hash}:${running.digest('hex')}`;
}

async function turnOver(signal: AbortSignal): Promise<void> {
  await setImmediate();
  throwIfAborted(signal);
}

function wrongTable(
  { checkpoint }: ImageManifest,
  what: string,
  part: string,
  row?: number,
  code: 'GRIT_IMAGE_PART_CORRUPT' | 'GRIT_IMAGE_PART_TRUNCATED' = 'GRIT_IMAGE_PART_CORRUPT',
): GritError {
  const details = { part, checkpoint, ...(row === undefined ? {} : { row }) };
  return new GritError(code, `checkpoint ${checkpoint}: ${what}`, { details });
}
