// SPDX-License-Identifier: Apache-2.0
import { closeSync, constants, openSync, writeSync, writevSync } from 'node:fs';
import { GritError, PAGE_BYTES } from '@grit/plugin-api';
import { CHUNK_BYTES } from '../format/chunk-row.js';
import type { ChunkTarget } from './chunk-target.js';
import type { FilesTarget } from './read-request.js';
import { inTurn } from './write-turns.js';

/** Most pieces and bytes of one write. */
const MAX_VIEWS = 512;
const MAX_BYTES = 4 * 1024 * 1024;

/** Most files that are open at a time. */
const MAX_FILES = 64;

const ZEROS = new Uint8Array(CHUNK_BYTES);

/**
 * Puts data into files. What lies side by side is written at once: each write costs the file system far more than each byte.
 * A view must keep its bytes until the next {@link JoinedWrites.flush}.
 */
export class JoinedWrites implements ChunkTarget {
  readonly #files = new Map<number, number>();
  #views: Uint8Array[] = [];
  #file = -1;
  #start = 0;
  #end = 0;

  constructor(readonly target: FilesTarget) {}

  put(file: number, offset: number, data: Uint8Array, length: number, zeros: number, fill: boolean): void {
    if (zeros === 0) {
      this.#add(file, offset, data);
      return;
    }
    let taken = 0;
    for (let at = 0; at < length;) {
      const page = at / PAGE_BYTES;
      const zero = (zeros >>> page) & 1;
      let end = at;
      for (let next = page; end < length && ((zeros >>> next) & 1) === zero; next++) end += PAGE_BYTES;
      end = Math.min(end, length);
      if (zero === 0) {
        this.#add(file, offset + at, data.subarray(taken, taken + end - at));
        taken += end - at;
      } else if (fill) this.#add(file, offset + at, ZEROS.subarray(0, end - at));
      at = end;
    }
  }

  /** Writes what was put. Throws GRIT_NODE_STORAGE_FULL, GRIT_STORAGE_IO, with the path in the details. */
  flush(): void {
    const views = this.#views;
    if (views.length === 0) return;
    this.#views = [];
    const { path, number } = this.target.files[this.#file] ?? { path: '', number: 0 };
    try {
      const fd = this.#open(this.#file, path);
      inTurn(this.target.turns, number, () => writeAll(fd, views, this.#start, this.#end));
    } catch (error) {
      throw localWriteError(error, path);
    }
  }

  close(): void {
    for (const fd of this.#files.values()) closeSync(fd);
    this.#files.clear();
  }

  #add(file: number, offset: number, data: Uint8Array): void {
    const last = this.#views.at(-1);
    const joins = last !== undefined && file === this.#file && offset === this.#end && offset - this.#start < MAX_BYTES;
    if (!joins || this.#views.length === MAX_VIEWS) {
      this.flush();
      this.#file = file;
      this.#start = offset;
      this.#views = [data];
    } else if (last.buffer === data.buffer && last.byteOffset + last.length === data.byteOffset) {
      this.#views[this.#views.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + data.length);
    } else this.#views.push(data);
    this.#end = offset + data.length;
  }

  #open(file: number, path: string): number {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    if (this.#files.size >= MAX_FILES) this.close();
    const fd = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW);
    this.#files.set(file, fd);
    return fd;
  }
}

function writeAll(fd: number, views: Uint8Array[], start: number, end: number): void {
  for (let at = start; at < end;) {
    const [first] = views;
    if (first === undefined) return;
    const written = views.length === 1 ? writeSync(fd, first, 0, first.length, at) : writevSync(fd, views, at);
    at += written;
    if (at < end) dropFront(views, written);
  }
}

/** Takes so many bytes off the front. */
function dropFront(views: Uint8Array[], bytes: number): void {
  let left = bytes;
  while (views[0] !== undefined && left >= views[0].length) left -= views.shift()?.length ?? 0;
  if (views[0] !== undefined) views[0] = views[0].subarray(left);
}

/** Gives what writing a local file threw its code. */
export function localWriteError(error: unknown, path: string): GritError {
  const { code, message } = error as NodeJS.ErrnoException;
  const full = code === 'ENOSPC' || code === 'EDQUOT';
  return new GritError(full ? 'GRIT_NODE_STORAGE_FULL' : 'GRIT_STORAGE_IO', `${path} cannot be written: ${message}`, {
    ...(full ? {} : { hint: 'Check the state directory of the node.' }),
    cause: error,
    details: { path },
  });
}
