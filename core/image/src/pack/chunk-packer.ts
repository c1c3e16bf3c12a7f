// SPDX-License-Identifier: Apache-2.0
import { GritError, PAGE_BYTES } from '@grit/plugin-api';
import { hashOf } from '../chunk/chunk-hash.js';
import { packData, zeroMask } from '../chunk/zero-pages.js';
import type { Codec } from '../codec/codec-ids.js';
import { Encoder, type Effort } from '../codec/encoder.js';
import { storedCheck } from '../codec/stored-check.js';
import { TAG_BYTES, newPackKey } from '../crypto/chunk-cipher.js';
import { CHUNK_BYTES } from '../format/chunk-row.js';
import { alignedMemory } from '../io/aligned-memory.js';
import { ChunkIndex, type ChunkPlace } from './chunk-index.js';
import { PackControl } from './pack-control.js';
import type { PackSetup } from './pack-request.js';
import { PackWriter, type FinishedPack } from './pack-writer.js';
import type { RowList } from './row-list.js';
import { WriteSpeed } from './write-speed.js';

// Larger writes are cheaper for the kernel; with more than this it makes no difference.
const BUFFER_BYTES = 4 * 1024 * 1024;

const encoder = new Encoder();
const scratch = Buffer.alloc(CHUNK_BYTES);
// Aligned memory is made once and used again: it is never given back.
const buffers: Buffer<ArrayBuffer>[] = [];

/** What one thread does for one packer: makes chunks into rows, and writes those that are new into a pack of its own. */
export class ChunkPacker {
  readonly control: PackControl;
  readonly index: ChunkIndex;
  /** Since {@link takeFinished}. */
  data = 0;
  fresh = 0;
  readonly #buffer: Buffer<ArrayBuffer>;
  readonly #speed = new WriteSpeed();
  #writer: PackWriter | undefined;
  #finished: FinishedPack[] = [];

  constructor(readonly setup: PackSetup) {
    this.control = new PackControl(setup.control);
    this.index = new ChunkIndex(setup.index);
    this.#buffer = buffers.pop() ?? alignedMemory(BUFFER_BYTES);
  }

  /** Throws GRIT_ABORTED when the packer has ended. */
  check(): void {
    if (this.control.stopped) throw new GritError('GRIT_ABORTED', 'the packer has ended');
  }

  /** Adds the row for one chunk: 1 to CHUNK_BYTES of logical bytes. Errors: see codedPackError; GRIT_ABORTED. */
  pack(pages: Uint8Array, rows: RowList): void {
    this.check();
    const zeros = zeroMask(pages);
    if (zeros === allZero(pages.length)) {
      rows.hole(pages.length);
      return;
    }
    const data = zeros === 0 ? pages : scratch.subarray(0, packData(pages, zeros, scratch));
    const hash = hashOf(this.setup.hash, data);
    this.data += data.length;
    if (this.index.find(hash, data.length)) {
      if (this.index.use()) this.fresh += data.length;
      rows.chunk(hash, pages.length, zeros, this.index);
      return;
    }
    const writer = (this.#writer ??= this.#begin());
    const room = writer.room();
    const { codec, stored } = encoder.encode(data, room, this.#effort());
    const place = this.#place(writer, codec, room.subarray(0, stored));
    if (!this.index.insert(hash, data.length, place, true)) {
      rows.chunk(hash, pages.length, zeros, this.index);
      return;
    }
    this.fresh += data.length;
    writer.commit(hash, data.length, place);
    rows.chunk(hash, pages.length, zeros, place);
    const { packBytes, packEntries } = this.setup.limits;
    if (writer.end >= packBytes || writer.count >= packEntries) this.finish();
  }

  /** Completes the pack that is being written, if there is one with chunks. */
  finish(): void {
    const writer = this.#writer;
    if (writer === undefined || writer.count === 0) return;
    this.#finished.push(writer.finish());
    this.#writer = undefined;
  }

  /** The packs that were completed since the last call. */
  takeFinished(): FinishedPack[] {
    const finished = this.#finished;
    this.#finished = [];
    this.data = 0;
    this.fresh = 0;
    return finished;
  }

  /** Ends it. An unfinished pack is removed. */
  leave(): void {
    try {
      this.#writer?.discard();
    } finally {
      this.#writer = undefined;
      buffers.push(this.#buffer);
    }
  }

  #begin(): PackWriter {
    const { directory, hash, encrypted } = this.setup;
    const key = encrypted ? newPackKey() : undefined;
    return new PackWriter(directory, this.control.nextNumber(), hash, this.#buffer, this.#speed, key);
  }

  /** Where a chunk will be. It is encrypted only when it is sure that it comes there: with a tag, which is better than a check. */
  #place({ number, end, key }: PackWriter, codec: Codec, encoded: Uint8Array): ChunkPlace {
    const where = { pack: number, offset: end, codec };
    if (key !== undefined) return { ...where, stored: encoded.length + TAG_BYTES, check: 0 };
    return { ...where, stored: encoded.length, check: storedCheck(codec, encoded) };
  }

  #effort(): Effort {
    const { compression } = this.setup;
    if (compression === 'never') return 'none';
    // Pages wait for us: less work is the shorter way, unless it is the disk that we wait for.
    return compression === 'auto' && this.control.busy && !this.#speed.slow ? 'cheap' : 'full';
  }
}

/** The mask of so many bytes when all of their pages are zero. */
function allZero(length: number): number {
  const pages = Math.ceil(length / PAGE_BYTES);
  return pages === 32 ? 0xffff_ffff : 2 ** pages - 1;
}
