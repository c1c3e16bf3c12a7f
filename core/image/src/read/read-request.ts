// SPDX-License-Identifier: Apache-2.0
import type { HashName } from '../format/image-manifest.js';

/** Numbers of `places` for each row. */
export const PLACE_NUMBERS = 3;

/** What a thread is to do with a range of a pack: check every chunk, and then put its data where they belong. */
export interface ChunksRequest {
  readonly kind: 'chunks';
  readonly hash: HashName;
  /** Of the pack, when it is encrypted. */
  readonly key?: Uint8Array | undefined;
  /** One Int32; not 0: the call is over, nothing needs to be done any more. */
  readonly stop: SharedArrayBuffer;
  /** The pack as a local file, or the bytes of the range. */
  readonly source: { readonly path: string } | { readonly bytes: ArrayBuffer };
  readonly start: number;
  readonly end: number;
  /** Rows of the table, in the order of the pack. */
  readonly rows: Uint8Array<ArrayBuffer>;
  /** Undefined: only check. */
  readonly target?: ChunksTarget | undefined;
}

/** Where data go: into files, or into memory that comes back. */
export interface ChunksTarget {
  readonly to: FilesTarget | { readonly bytes: number };
  /** For each row: number of the file, offset in it, and 1 when pages of zeros must be written because the file may have others. */
  readonly places: Float64Array<ArrayBuffer>;
}

/** Files that are written to. */
export interface FilesTarget {
  /** Their number among all files of the call says whose turn it is. */
  readonly files: readonly { readonly path: string; readonly number: number }[];
  /** See inTurn. */
  readonly turns: SharedArrayBuffer;
}

export interface ChunksReply {
  /** Which of the rows have a chunk that is not the right one; nothing of them was written. */
  readonly corrupt: readonly number[];
  /** Why the local file could not be read; then nothing else was done. */
  readonly unreadable?: string | undefined;
  /** What was asked for as memory. */
  readonly memory?: ArrayBuffer | undefined;
  /** The source's memory, to be used again. */
  readonly bytes?: ArrayBuffer | undefined;
}

/** Which of the rows, which follow each other in a part, a file has already. Pages in holes that are not zero are made zero. */
export interface KeptRequest {
  readonly kind: 'kept';
  readonly hash: HashName;
  readonly stop: SharedArrayBuffer;
  readonly path: string;
  /** Where the first row begins in the file. */
  readonly offset: number;
  readonly rows: Uint8Array<ArrayBuffer>;
}

/** What a file has of a row. */
export const KEPT = { nothing: 0, right: 1, wrong: 2 } as const;

export interface KeptReply {
  /** One of {@link KEPT} for each row. */
  readonly rows: Uint8Array<ArrayBuffer>;
}
