// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';

/** Makes the entries of a directory durable: names that were made, renamed or removed in it. */
export async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}

/** Makes the bytes of a file durable, whoever wrote them. */
export async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.datasync();
}

/** Writes a new small file and makes its bytes durable; its name is durable only with its directory. */
export async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.writeFile(bytes);
  await file.datasync();
}
