// SPDX-License-Identifier: Apache-2.0
import { CHUNK_BYTES } from '../format/chunk-row.js';
import { PLANES_HEADER_BYTES } from './byte-planes.js';
import type { ByteWork } from './byte-work.js';
import { CODEC } from './codec-ids.js';
import { nativeWork } from './native-work.js';
import { plainWork } from './plain-work.js';

/** Makes the data of a chunk from what is stored of it. Reuses its memory: one for each thread. */
export class Decoder {
  readonly #work: ByteWork;
  readonly #top = new Uint8Array(CHUNK_BYTES / 2);
  readonly #rest = new Uint8Array(CHUNK_BYTES);

  /** @param options - native: false leaves the addon out */
  constructor(options: { readonly native?: boolean } = {}) {
    this.#work = (options.native === false ? undefined : nativeWork) ?? plainWork;
  }

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
    } else if (codec === CODEC.zstd) this.#work.decompress(stored, target);
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
    const restBytes = target.length - top.length;
    if (stored.length !== PLANES_HEADER_BYTES + frame + restBytes) throw new Error('planes of another size');
    this.#work.decompress(stored.subarray(PLANES_HEADER_BYTES, PLANES_HEADER_BYTES + frame), top);
    // Where it lies in `stored` is seldom a multiple of 4, and that is slow for some.
    const rest = this.#rest.subarray(0, restBytes);
    rest.set(stored.subarray(PLANES_HEADER_BYTES + frame));
    this.#work.join(top, rest, word, target);
  }
}
