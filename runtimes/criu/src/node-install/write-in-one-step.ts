// SPDX-License-Identifier: Apache-2.0
import { chmod, chown, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes a file that others read at any time. One that was there keeps its owner and mode. */
export async function writeInOneStep(file: string, text: string, mode = 0o644): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.grit-${process.pid}.new`;
  await writeFile(draft, text);
  const before = await stat(file).catch(() => undefined);
  await chmod(draft, before === undefined ? mode : before.mode & 0o7777);
  if (before !== undefined) await chown(draft, before.uid, before.gid);
  await rename(draft, file);
}
