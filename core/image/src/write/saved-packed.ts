// SPDX-License-Identifier: Apache-2.0
import { constants } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError, isGritError } from '@grit/plugin-api';
import { ROW_BYTES } from '../format/chunk-row.js';
import { MAX_MANIFEST_BYTES, MAX_ROWS } from '../format/format-limits.js';
import type { PackedImage } from '../pack/packed-image.js';
import { checkPacked, packedRecord } from './check-packed.js';

const RECORD = 'packed.json';
const TABLE = 'packed.rows';

/**
 * Keeps a packed image in a directory, durably, from the dump to the store step: `packed.json` and `packed.rows`. After a crash it is
 * there whole or not at all. The packs stay where they are. Errors: GRIT_NODE_STORAGE_FULL, GRIT_STORAGE_IO.
 */
export async function savePacked(directory: string, packed: PackedImage): Promise<void> {
  try {
    // The record goes first and comes last: it is never beside a table that is not its own.
    await rm(join(directory, RECORD), { force: true });
    await writeSealed(directory, TABLE, packed.table);
    await writeSealed(directory, RECORD, Buffer.from(JSON.stringify(packedRecord(packed))));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    throw new GritError(full ? 'GRIT_NODE_STORAGE_FULL' : 'GRIT_STORAGE_IO', `${directory}: ${message}`, {
      ...(full ? {} : { hint: 'Check the state directory of the node.' }),
      cause: error,
    });
  }
}

/**
 * What {@link savePacked} kept, or undefined. Nothing in it is trusted before it is checked: names, sizes, digests and the table.
 * Throws GRIT_DUMP_FAILED when it cannot be used.
 */
export async function loadPacked(directory: string): Promise<PackedImage | undefined> {
  try {
    const text = await readBounded(join(directory, RECORD), MAX_MANIFEST_BYTES);
    if (text === undefined) return undefined;
    const table = await readBounded(join(directory, TABLE), MAX_ROWS * ROW_BYTES);
    if (table === undefined) throw new Error(`${TABLE} is missing`);
    const record: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
    return checkPacked(record, table);
  } catch (error) {
    const path = join(directory, RECORD);
    throw new GritError('GRIT_DUMP_FAILED', `${path} cannot be used: ${(error as Error).message}`, {
      hint: 'Something changed the state directory of the node. Take the checkpoint again.',
      details: { ...(isGritError(error) && error.details), path },
      cause: error,
    });
  }
}

async function writeSealed(directory: string, name: string, bytes: Uint8Array): Promise<void> {
  const path = join(directory, name);
  const temporary = `${path}.tmp`;
  {
    await using file = await open(temporary, 'w', 0o600);
    await file.writeFile(bytes);
    await file.datasync();
  }
  await rename(temporary, path);
  await using folder = await open(directory, 'r');
  await folder.sync();
}

/** The bytes of a regular file; undefined when there is none. */
async function readBounded(path: string, most: number): Promise<Buffer | undefined> {
  await using file = await openExisting(path);
  if (file === undefined) return undefined;
  const stat = await file.stat();
  if (!stat.isFile()) throw new Error(`${path} is no regular file`);
  if (stat.size > most) throw new Error(`${path} has ${stat.size} bytes, which are too many`);
  return await file.readFile();
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
