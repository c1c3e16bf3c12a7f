// SPDX-License-Identifier: Apache-2.0
import type { WordBytes } from './byte-planes.js';

/** How zstd is to work. */
export interface ZstdSettings {
  readonly level: number;
  /** See zstd's advanced parameters; 0: what the level says. */
  readonly hashLog: number;
  readonly minMatch: number;
}

/** The work of the codec that costs time. Two things do it, with the same results to the byte: plain-work and native-work. */
export interface ByteWork {
  /** Writes one zstd frame of the data into `target`. Returns its bytes; 0 when it has no room. */
  compress(data: Uint8Array, settings: ZstdSettings, target: Uint8Array): number;
  /** Fills `target` with the content of one zstd frame. Throws when it is not one, or is of another size. */
  decompress(frame: Uint8Array, target: Uint8Array): void;
  /** See splitWords and joinWords in byte-planes. `top` and `rest` must have exactly the bytes that there are. */
  split(data: Uint8Array, word: WordBytes, top: Uint8Array, rest: Uint8Array): void;
  join(top: Uint8Array, rest: Uint8Array, word: WordBytes, data: Uint8Array): void;
}
