// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Timing } from '@grit/plugin-api';
import { readSealed, writeSealed } from './sealed-file.js';

/** What a node remembers of an image that it has stored: its dump goes as soon as the image was read back. */
export interface StoredRecord {
  readonly digest: string;
  readonly size: number;
  readonly stored: number;
  readonly dumpTimings: readonly Timing[];
  readonly storeTimings: readonly Timing[];
  /** Set when it was read back whole. */
  readonly verifyTimings?: readonly Timing[] | undefined;
}

/** Whoever ordered a step and did not ask for so long has forgotten it. */
const KEEP_MS = 7 * 24 * 3_600_000;

export function readStored(path: string): Promise<StoredRecord | undefined> {
  return readSealed<StoredRecord>(path);
}

/** Writes the record; those that nobody wants any more go. */
export async function writeStored(path: string, record: StoredRecord): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeSealed(path, record);
  for (const name of await readdir(directory)) {
    const other = join(directory, name);
    const age = Date.now() - ((await stat(other).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > KEEP_MS) await rm(other, { force: true });
  }
}
