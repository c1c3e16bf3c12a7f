// SPDX-License-Identifier: Apache-2.0
import { hashOf } from '../chunk/chunk-hash.js';
import { Decoder } from '../codec/decoder.js';
import { storedCheck } from '../codec/stored-check.js';
import { decryptChunk } from '../crypto/chunk-cipher.js';
import { CHUNK_BYTES } from '../format/chunk-row.js';
import type { PackEntry } from '../format/pack-index.js';
import { DIRECT_BYTES } from '../io/aligned-memory.js';
import type { DirectFile } from '../io/direct-file.js';
import type { ChunkPacker } from './chunk-packer.js';
import { WINDOW_BYTES, readWindow } from './read-window.js';

const decoder = new Decoder();
const data = Buffer.alloc(CHUNK_BYTES);

/** The chunks of a pack, in their order, read in windows and hashed. */
export class CheckedChunks {
  readonly #window = readWindow();
  #start = 0;
  #end = 0;

  constructor(
    readonly packer: ChunkPacker,
    readonly file: DirectFile,
    readonly key?: Uint8Array,
  ) {}

  isGood({ hash, offset, stored, data: bytes, codec, check }: PackEntry): boolean {
    this.packer.check();
    if (offset + stored > this.#end) {
      this.#start = offset - (offset % DIRECT_BYTES);
      this.#end = this.#start + this.file.read(this.#window.subarray(0, WINDOW_BYTES), this.#start);
    }
    const from = offset - this.#start;
    const target = data.subarray(0, bytes);
    return (
      tried(() => {
        const found = this.#window.subarray(from, from + stored);
        const encoded = this.key === undefined ? found : decryptChunk(this.key, offset, found);
        if (encoded === undefined) return false;
        if (this.key === undefined && storedCheck(codec, encoded) !== check) return false;
        decoder.decode(codec, encoded, target);
        return hashOf(this.packer.setup.hash, target).equals(hash);
      }) ?? false
    );
  }
}

/** Undefined when it throws. */
export function tried<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
