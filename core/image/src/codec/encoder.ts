// SPDX-License-Identifier: Apache-2.0
import { CHUNK_BYTES } from '../format/chunk-row.js';
import { type WordBytes, PLANES_HEADER_BYTES, splitWords } from './byte-planes.js';
import { CODEC, type Codec } from './codec-ids.js';
import { sampleData } from './data-sample.js';
import { compress } from './zstd.js';

/** How much may be spent on a chunk: nothing, only where much is gained, or wherever something is gained. */
export type Effort = 'none' | 'cheap' | 'full';

// The share that has to be promised by the sample.
const WORTH = { none: 0, cheap: 0.6, full: 0.95 } as const;

/** How a chunk is stored: its codec, and how many bytes of the target were filled. */
export interface EncodedChunk {
  readonly codec: Codec;
  readonly stored: number;
}

/** Makes what is stored of a chunk. Reuses its memory: one for each thread. */
export class Encoder {
  readonly #level: number;
  readonly #top = new Uint8Array(CHUNK_BYTES / 2);

  /** @param options - level: of zstd; 1 unless said */
  constructor(options: { readonly level?: number } = {}) {
    this.#level = options.level ?? 1;
  }

  /**
   * Fills the beginning of `target`, which has room for all of `data`, at most CHUNK_BYTES. What is stored is never more than the
   * data, and less unless it is raw. The same data, level and effort give the same bytes on every machine with the same Node.
   */
  encode(data: Uint8Array, target: Uint8Array, effort: Effort): EncodedChunk {
    if (effort !== 'none' && data.length > 0) {
      const { zstd, planes, word } = sampleData(data);
      const room = target.subarray(0, data.length - 1);
      if (Math.min(zstd, planes) < WORTH[effort]) {
        const codec = planes < zstd ? CODEC.planes : CODEC.zstd;
        const stored = codec === CODEC.planes ? this.#planes(data, word, room) : compress(data, this.#level, room);
        if (stored > 0) return { codec, stored };
      }
    }
    target.set(data);
    return { codec: CODEC.raw, stored: data.length };
  }

  // 0 when there is no room.
  #planes(data: Uint8Array, word: WordBytes, target: Uint8Array): number {
    const top = this.#top.subarray(0, Math.floor(data.length / word));
    const restBytes = data.length - top.length;
    const frameRoom = target.length - PLANES_HEADER_BYTES - restBytes;
    if (frameRoom <= 0) return 0;
    // The rest is written where it will be if the frame fills its room, and moved up to the frame's end after.
    const rest = target.subarray(PLANES_HEADER_BYTES + frameRoom);
    splitWords(data, word, top, rest);
    const frame = compress(top, this.#level, target.subarray(PLANES_HEADER_BYTES, PLANES_HEADER_BYTES + frameRoom));
    if (frame === 0) return 0;
    new DataView(target.buffer, target.byteOffset).setUint32(0, frame | (word << 24), true);
    target.set(rest, PLANES_HEADER_BYTES + frame);
    return PLANES_HEADER_BYTES + frame + restBytes;
  }
}
