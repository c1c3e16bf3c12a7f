// SPDX-License-Identifier: Apache-2.0
import { CHUNK_BYTES } from '../format/chunk-row.js';
import { PLANES_HEADER_BYTES, joinWords } from './byte-planes.js';
import { CODEC } from './codec-ids.js';
import { decompress } from './zstd.js';

/** Makes the data of a chunk from what is stored of it. Reuses its memory: one for each thread. */
export class Decoder {
  readonly #top = new Uint8Array(CHUNK_BYTES / 2);

  /**
   * Fills `target`, which is exactly as long as the data, at most CHUNK_BYTES. Throws an Error when the stored bytes are not what an
   * encoder makes of so many bytes, or the codec is not known; `target` then has anything in it. That the data are the right ones
   * only their hash tells.
   */
  decode(codec: number, stored: Uint8Array, target: Uint8Array): void {
    if (target.length > CHUNK_BYTES) throw new Error(`a chunk of ${target.length} bytes`);
    if (codec === CODEC.raw) {
      if (stored.length !== target.length) throw new Error('raw data of another size');
      target.set(stored);
    } else if (codec === CODEC.zstd) decompress(stored, target);
    else if (codec === CODEC.planes) this.#planes(stored, target);
    else throw new Error(`codec ${codec}`);
  }

  #planes(stored: Uint8Array, target: Uint8Array): void {
    if (stored.length < PLANES_HEADER_BYTES) throw new Error('planes without a header');
    const header = new DataView(stored.buffer, stored.byteOffset).getUint32(0, true);
    const frame = header & 0xff_ffff;
    const word = header >>> 24;
    if (word !== 2 && word !== 4) throw new Error(`planes of ${word} bytes`);
    const top = this.#top.subarray(0, Math.floor(target.length / word));
    const restAt = PLANES_HEADER_BYTES + frame;
    if (stored.length !== restAt + target.length - top.length) throw new Error('planes of another size');
    decompress(stored.subarray(PLANES_HEADER_BYTES, restAt), top);
    joinWords(top, stored.subarray(restAt), word, target);
  }
}
