// SPDX-License-Identifier: Apache-2.0
import { MAX_HOLE_BYTES, NO_PACK, ROW_BYTES } from '../format/chunk-row.js';
import type { ChunkPlace } from './chunk-index.js';

const FIRST_ROWS = 64;

/** Rows that are made one after the other; holes that follow each other become one. */
export class RowList {
  count = 0;
  /** The first row of the part that is being written. */
  #first = 0;
  #rows = Buffer.allocUnsafeSlow(FIRST_ROWS * ROW_BYTES);

  /** Begins a part: its holes do not melt into those of the part before. */
  beginPart(): void {
    this.#first = this.count;
  }

  /** Adds a chunk. */
  chunk(hash: Uint8Array, length: number, zeros: number, place: ChunkPlace): void {
    const { pack, offset, stored, codec, check } = place;
    const at = this.#next();
    const rows = this.#rows;
    rows.set(hash, at);
    rows.writeUInt32LE(length, at + 32);
    rows.writeUInt32LE(zeros, at + 36);
    rows.writeUInt32LE(pack, at + 40);
    rows.writeUInt32LE(offset, at + 44);
    rows.writeUInt32LE(stored, at + 48);
    rows.writeUInt8(codec, at + 52);
    rows.writeUIntLE(check, at + 53, 3);
  }

  /** Adds zeros. */
  hole(length: number): void {
    const last = (this.count - 1) * ROW_BYTES;
    let left = length;
    if (this.count > this.#first && this.#rows.readUInt32LE(last + 40) === NO_PACK) {
      const before = this.#rows.readUInt32LE(last + 32);
      const more = Math.min(left, MAX_HOLE_BYTES - before);
      this.#rows.writeUInt32LE(before + more, last + 32);
      left -= more;
    }
    while (left > 0) {
      const at = this.#next();
      const bytes = Math.min(left, MAX_HOLE_BYTES);
      this.#rows.fill(0, at, at + ROW_BYTES);
      this.#rows.writeUInt32LE(bytes, at + 32);
      this.#rows.writeUInt32LE(NO_PACK, at + 40);
      left -= bytes;
    }
  }

  /** Adds the rows that another list made. */
  append(table: Buffer): void {
    let at = 0;
    // Only a hole can melt into what is before it.
    for (; at < table.length && table.readUInt32LE(at + 40) === NO_PACK; at += ROW_BYTES) {
      this.hole(table.readUInt32LE(at + 32));
    }
    const rest = table.subarray(at);
    this.#reserve(rest.length / ROW_BYTES);
    this.#rows.set(rest, this.count * ROW_BYTES);
    this.count += rest.length / ROW_BYTES;
  }

  /** The rows so far: a view. */
  get table(): Buffer<ArrayBuffer> {
    return this.#rows.subarray(0, this.count * ROW_BYTES);
  }

  /** The rows so far, in memory of their own that can be handed over; the list is empty after. */
  take(): ArrayBuffer {
    const { buffer, byteOffset } = this.#rows;
    const taken = buffer.slice(byteOffset, byteOffset + this.count * ROW_BYTES);
    this.count = 0;
    this.#first = 0;
    return taken;
  }

  #next(): number {
    this.#reserve(1);
    return this.count++ * ROW_BYTES;
  }

  #reserve(rows: number): void {
    const needed = (this.count + rows) * ROW_BYTES;
    if (needed <= this.#rows.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#rows.length * 2));
    this.#rows.copy(larger, 0, 0, this.count * ROW_BYTES);
    this.#rows = larger;
  }
}
