// SPDX-License-Identifier: Apache-2.0
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TAG_BYTES, encryptChunk } from '../crypto/chunk-cipher.js';
import { CHUNK_BYTES } from '../format/chunk-row.js';
import type { HashName } from '../format/image-manifest.js';
import { packTail } from '../format/pack-footer.js';
import { ENTRY_BYTES } from '../format/pack-index.js';
import { DIRECT_BYTES } from '../io/aligned-memory.js';
import { codedPackError } from '../io/coded-pack-error.js';
import { DirectFile } from '../io/direct-file.js';
import type { ChunkPlace } from './chunk-index.js';
import { newPackName, partialName } from './pack-name.js';
import type { WriteSpeed } from './write-speed.js';

/** A pack that is complete: a file of its name. */
export interface FinishedPack {
  /** Its number in the rows and in the chunk index. */
  readonly number: number;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** `NAME:hex` of its index. */
  readonly index: string;
  /** What it is encrypted with. */
  readonly key?: Uint8Array | undefined;
}

const FIRST_ENTRIES = 1024;

/**
 * Writes one pack: chunks are put into {@link room} and then committed. The file is made when the buffer is full for the first time, is
 * called NAME.partial while it grows, and gets its name when it is complete. Nothing is durable. Errors: see codedPackError.
 */
export class PackWriter {
  readonly name = newPackName();
  /** Where the next chunk begins. */
  end = 0;
  /** Chunks so far. */
  count = 0;
  #entries = Buffer.allocUnsafe(FIRST_ENTRIES * ENTRY_BYTES);
  #file: DirectFile | undefined;
  /** Bytes of the buffer that are to be written, and where they begin in the file. */
  #filled = 0;
  #written = 0;

  /**
   * @param buffer - aligned; the writer's alone until it is finished or discarded, at least two chunks long
   * @param key - this pack's alone, when it is to be encrypted
   */
  constructor(
    readonly directory: string,
    readonly number: number,
    readonly hash: HashName,
    readonly buffer: Buffer<ArrayBuffer>,
    readonly speed?: WriteSpeed,
    readonly key?: Uint8Array,
  ) {}

  /** Memory for the next chunk, at least CHUNK_BYTES. What is in it does not count before {@link commit}. */
  room(): Buffer<ArrayBuffer> {
    if (this.buffer.length - this.#filled < CHUNK_BYTES + TAG_BYTES) this.#writeOut();
    return this.buffer.subarray(this.#filled);
  }

  /**
   * Takes the first `stored` bytes of the room as a chunk of so many bytes of data. Of an encrypted pack they count with the tag that
   * follows what is in the room, and are encrypted now.
   */
  commit(hash: Buffer, data: number, { stored, codec, check }: Omit<ChunkPlace, 'pack' | 'offset'>): void {
    if (this.key !== undefined) {
      encryptChunk(this.key, this.end, this.buffer.subarray(this.#filled), stored - TAG_BYTES);
    }
    const at = this.count * ENTRY_BYTES;
    if (at === this.#entries.length) this.#entries = Buffer.concat([this.#entries], at * 2);
    const entries = this.#entries;
    entries.set(hash, at);
    entries.writeUInt32LE(this.end, at + 32);
    entries.writeUInt32LE(stored, at + 36);
    entries.writeUInt32LE(data, at + 40);
    entries.writeUInt8(codec, at + 44);
    entries.writeUIntLE(check, at + 45, 3);
    this.count++;
    this.end += stored;
    this.#filled += stored;
  }

  /** Completes the file. There must be a chunk. */
  finish(): FinishedPack {
    const { bytes, digest } = packTail(
      this.hash,
      this.end,
      this.#entries.subarray(0, this.count * ENTRY_BYTES),
      this.key,
    );
    for (let done = 0; done < bytes.length;) {
      const copied = bytes.copy(this.buffer, this.#filled, done);
      this.#filled += copied;
      done += copied;
      if (done < bytes.length) this.#writeOut();
    }
    this.#writeOut();
    const path = join(this.directory, this.name);
    try {
      this.#close();
      renameSync(join(this.directory, partialName(this.name)), path);
    } catch (error) {
      throw codedPackError(error, path);
    }
    return { number: this.number, name: this.name, size: this.#written, index: digest, key: this.key };
  }

  /** Removes what was written. */
  discard(): void {
    this.#close();
    rmSync(join(this.directory, partialName(this.name)), { force: true });
  }

  // Whole blocks only; the rest of the buffer moves to its beginning.
  #writeOut(): void {
    const path = join(this.directory, partialName(this.name));
    const whole = this.#filled - (this.#filled % DIRECT_BYTES);
    try {
      this.#file ??= DirectFile.create(path);
      const began = performance.now();
      this.#file.write(this.buffer.subarray(0, whole), this.#written);
      this.speed?.add(whole, performance.now() - began);
    } catch (error) {
      throw codedPackError(error, path);
    }
    this.buffer.copyWithin(0, whole, this.#filled);
    this.#filled -= whole;
    this.#written += whole;
  }

  #close(): void {
    this.#file?.[Symbol.dispose]();
    this.#file = undefined;
  }
}
