// SPDX-License-Identifier: Apache-2.0
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Turns one byte in the middle of the largest file of the store, behind everybody's back. Returns the file. */
export async function damageImage(store: string): Promise<string> {
  const entries = await readdir(store, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (path) => ({ path, size: (await stat(path)).size })));
  const largest = sizes.reduce((a, b) => (b.size > a.size ? b : a));
  const file = await open(largest.path, 'r+');
  try {
    const at = Math.floor(largest.size / 2);
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at);
    buffer.writeUInt8(buffer.readUInt8(0) ^ 0xff, 0);
    await file.write(buffer, 0, 1, at);
  } finally {
    await file.close();
  }
  return largest.path;
}
