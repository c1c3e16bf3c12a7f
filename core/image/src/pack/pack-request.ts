// SPDX-License-Identifier: Apache-2.0
import type { HashName } from '../format/image-manifest.js';
import type { PackLimits } from './pack-limits.js';
import type { FinishedPack } from './pack-writer.js';

/** How much is compressed: by what a sample says and how much the dump waits; by the sample alone; nothing. */
export type Compression = 'auto' | 'always' | 'never';

/** What a thread is told about a packer before it works for it. */
export interface PackSetup {
  readonly directory: string;
  readonly hash: HashName;
  /** Whether packs are encrypted, each with a key that its thread makes. */
  readonly encrypted: boolean;
  readonly compression: Compression;
  readonly limits: PackLimits;
  readonly index: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
}

/** A file as it was when its packing began; its numbers are in decimal. */
export interface FileState {
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly size: number;
  /** Nanoseconds. */
  readonly changed: string;
}

/** What a thread can be asked to do for packer `packer`. The answers are {@link PackedRows}, except where it is said. */
export type PackWork =
  /** Nothing is answered. */
  | { readonly kind: 'begin'; readonly setup: PackSetup }
  /** Packs pages; `segments` as SlabPages describes them. The slab comes back. */
  | { readonly kind: 'slab'; readonly slab: ArrayBuffer; readonly segments: ArrayBuffer }
  | {
      readonly kind: 'file';
      readonly file: FileState;
      readonly start: number;
      readonly end: number;
      readonly cached: boolean;
    }
  /** Remembers the chunks of a pack that an earlier run left, once they are checked. Answers {@link FoundPack}. */
  | { readonly kind: 'pack'; readonly path: string; readonly name: string; readonly number: number }
  /** Remembers chunks of other images: rows, and for each pack that they name its number here. Nothing is answered. */
  | { readonly kind: 'known'; readonly rows: ArrayBuffer; readonly numbers: Uint32Array }
  /** Reads a completed pack back. Answers ReadBack, or undefined. */
  | {
      readonly kind: 'read-back';
      readonly path: string;
      readonly name: string;
      readonly index: string;
      readonly key?: Uint8Array | undefined;
    }
  /** Completes the pack that this thread writes. The packer may go on. */
  | { readonly kind: 'finish' }
  /** Ends the work for this packer; an unfinished pack is removed. Nothing is answered. */
  | { readonly kind: 'leave' };

/** A request as it goes to a thread. */
export type PackRequest = PackWork & { readonly packer: number };

/** Rows that a thread made. */
export interface PackedRows {
  readonly rows: ArrayBuffer;
  /** How many of the rows belong to each stream of the slab, in their order; for a file one number. */
  readonly counts: readonly number[];
  /** Bytes of data of the rows, and of those the ones that are in no known pack and in no row before. */
  readonly data: number;
  readonly fresh: number;
  /** Packs that were completed meanwhile. */
  readonly packs: readonly FinishedPack[];
  readonly slab?: ArrayBuffer;
}

/** A pack that was found; undefined when it cannot be used. */
export type FoundPack = FinishedPack | undefined;
