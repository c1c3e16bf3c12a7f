// SPDX-License-Identifier: Apache-2.0
import type { Collected } from '@grit/plugin-api';
import type { FileTree } from './file-tree.js';

type Amount = { objects: number; bytes: number };

/** Counts files and the room that they take: of several hard links to a file the first one counts. */
export class Tally {
  readonly #seen = new Set<string>();
  readonly #collected = { used: none(), removed: none(), waiting: none() };

  get collected(): Collected {
    return this.#collected;
  }

  /** Gives the bytes that nothing has that was added before. */
  add(to: keyof Collected | undefined, { files }: FileTree): number {
    const fresh = files.filter(({ inode }) => !this.#seen.has(inode));
    let bytes = 0;
    for (const { inode, size } of fresh) {
      if (this.#seen.has(inode)) continue;
      this.#seen.add(inode);
      bytes += size;
    }
    if (to !== undefined) {
      this.#collected[to].objects += files.length;
      this.#collected[to].bytes += bytes;
    }
    return bytes;
  }
}

function none(): Amount {
  return { objects: 0, bytes: 0 };
}
