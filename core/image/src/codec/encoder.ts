// SPDX-License-Identifier: Apache-2.0
import { CHUNK_BYTES } from '../format/chunk-row.js';
import { PLANES_HEADER_BYTES, type WordBytes } from './byte-planes.js';
import type { ByteWork, ZstdSettings } from './byte-work.js';
import { CODEC, type Codec } from './codec-ids.js';
import { sampleData } from './data-sample.js';
import { nativeWork } from './native-work.js';
import { plainWork } from './plain-work.js';

/** How much may be spent on a chunk: nothing, only where much is gained, or wherever something is gained. */
export type Effort = 'none' | 'cheap' | 'full';

// The share that has to be promised by the sample.
const WORTH = { none: 0, cheap: 0.6, full: 0.95 } as const;

// Exponents come again by chance all the time, and each such match costs more than the bytes by their frequency: only long ones
// that are near are looked for. Smaller by a tenth and twice as fast, both ways, as level 1 is by itself.
const PLANE_SETTINGS: ZstdSettings = { level: 1, hashLog: 6, minMatch: 7 };

/** How a chunk is stored: its codec, and how many bytes of the target were filled. */
export interface EncodedChunk {
  readonly codec: Codec;
  readonly stored: number;
}

/** Makes what is stored of a chunk. Reuses its memory: one for each thread. */
export class Encoder {
  readonly #work: ByteWork;
  readonly #settings: ZstdSettings;
  readonly #top = new Uint8Array(CHUNK_BYTES / 2);
  readonly #rest = new Uint8Array(CHUNK_BYTES);

  /** @param options - level: of zstd, 1 unless said; native: false leaves the addon out */
  constructor(options: { readonly level?: number; readonly native?: boolean } = {}) {
    this.#work = (options.native === false ? undefined : nativeWork) ?? plainWork;
    this.#settings = { level: options.level ?? 1, hashLog: 0, minMatch: 0 };
  }

  /**
   * Fills the beginning of `target`, which has room for all of `data`, at most CHUNK_BYTES. What is stored is never more than the
   * data, and less unless it is raw. The same data, level and effort give the same bytes, with the addon or without.
   */
  encode(data: Uint8Array, target: Uint8Array, effort: Effort): EncodedChunk {
    if (effort !== 'none' && data.length > 0) {
      const { zstd, planes, word } = sampleData(data);
      if (Math.min(zstd, planes) < WORTH[effort]) {
        const codec = planes < zstd ? CODEC.planes : CODEC.zstd;
        const room = target.subarray(0, data.length - 1);
        const stored =
          codec === CODEC.planes ? this.#planes(data, word, room) : this.#work.compress(data, this.#settings, room);
        if (stored > 0) return { codec, stored };
      }
    }
    target.set(data);
    return { codec: CODEC.raw, stored: data.length };
  }

  // 0 when there is no room.
  #planes(data: Uint8Array, word: WordBytes, target: Uint8Array): number {
    const top = this.#top.subarray(0, Math.floor(data.length / word));
    const rest = this.#rest.subarray(0, data.length - top.length);
    this.#work.split(data, word, top, rest);
    const room = target.subarray(PLANES_HEADER_BYTES, Math.max(PLANES_HEADER_BYTES, target.length - rest.length));
    const frame = this.#work.compress(top, PLANE_SETTINGS, room);
    if (frame === 0) return 0;
    new DataView(target.buffer, target.byteOffset).setUint32(0, frame | (word << 24), true);
    target.set(rest, PLANES_HEADER_BYTES + frame);
    return PLANES_HEADER_BYTES + frame + rest.length;
  }
}
