// SPDX-License-Identifier: Apache-2.0
import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfAborted } from '@grit/image';
import { isErrno } from '../storage-error.js';

/** A file of a tree. Files with the same inode are one file, and take their room once. */
interface TreeFile {
  readonly inode: string;
  readonly size: number;
}

/** What lies below a path. */
export interface FileTree {
  readonly files: readonly TreeFile[];
  /** Milliseconds since the epoch: when a name or a byte was written last. */
  readonly touchedAt: number;
}

/** Looks at a path and all below it; what vanishes meanwhile is left out. Undefined when the path is not there. */
export async function readTree(path: string, signal: AbortSignal): Promise<FileTree | undefined> {
  const top = await statOf(path);
  if (top === undefined) return undefined;
  const files: TreeFile[] = [];
  // A directory that was renamed has its time in its inode: its writer was taken over a moment ago.
  let touchedAt = Number(top.isDirectory() ? max(top.mtimeMs, top.ctimeMs) : top.mtimeMs);
  const rest: { readonly path: string; readonly stat: BigIntStats }[] = [{ path, stat: top }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    throwIfAborted(signal);
    const { stat } = next;
    touchedAt = Math.max(touchedAt, Number(stat.mtimeMs));
    if (!stat.isDirectory()) {
      files.push({ inode: `${String(stat.dev)}:${String(stat.ino)}`, size: Number(stat.size) });
      continue;
    }
    for (const name of await namesIn(next.path)) {
      const below = join(next.path, name);
      const found = await statOf(below);
      if (found !== undefined) rest.push({ path: below, stat: found });
    }
  }
  return { files, touchedAt };
}

/** Names in a directory; none where it is gone. */
export async function namesIn(path: string): Promise<string[]> {
  return readdir(path).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  });
}

async function statOf(path: string): Promise<BigIntStats | undefined> {
  return lstat(path, { bigint: true }).catch((error: unknown) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  });
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
