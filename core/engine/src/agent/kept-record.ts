// SPDX-License-Identifier: Apache-2.0
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeSealed } from './sealed-file.js';

/** Whoever ordered a step and did not ask for so long has forgotten it. */
const KEEP_MS = 7 * 24 * 3_600_000;

/** Writes down what a step has done, for whoever orders it again; records beside it that nobody wants any more go. */
export async function writeKept(path: string, record: unknown): Promise<void> {
  const directory = dirname(path);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeSealed(path, record);
  for (const name of await readdir(directory)) {
    const other = join(directory, name);
    const age = Date.now() - ((await stat(other).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > KEEP_MS) await rm(other, { force: true });
  }
}
