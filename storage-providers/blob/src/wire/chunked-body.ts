// SPDX-License-Identifier: Apache-2.0
import { WireError } from './wire-error.js';

/** A line of a size with its extensions, and all trailers together, in bytes. */
const LINE_LIMIT = 4 * 1024;

const CR = 13;
const LF = 10;

/** Takes a chunked body apart, however it is split. Trailers are skipped. */
export class ChunkedBody {
  #state: 'size' | 'data' | 'data-end' | 'trailer' | 'done' = 'size';
  #line = '';
  #trailers = 0;
  /** Bytes that are missing of the chunk, or of the line's end behind it. */
  #left = 0;
  readonly #sink: (bytes: Uint8Array) => void;

  constructor(sink: (bytes: Uint8Array) => void) {
    this.#sink = sink;
  }

  get done(): boolean {
    return this.#state === 'done';
  }

  /** Returns how many of the bytes belonged to the body. Throws a WireError `protocol`. */
  take(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && this.#state !== 'done') {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#left);
        this.#sink(bytes.subarray(at, end));
        this.#left -= end - at;
        at = end;
        if (this.#left === 0) this.#expectLineEnd();
      } else {
        this.#takeByte(bytes[at] ?? 0);
        at += 1;
      }
    }
    return at;
  }

  #expectLineEnd(): void {
    this.#state = 'data-end';
    this.#left = 2;
  }

  #takeByte(byte: number): void {
    if (this.#state === 'data-end') {
      if (byte !== (this.#left === 2 ? CR : LF)) throw new WireError('protocol', 'a chunk of the answer has no end');
      this.#left -= 1;
      if (this.#left === 0) this.#state = 'size';
      return;
    }
    if (byte === LF) {
      if (!this.#line.endsWith('\r')) throw new WireError('protocol', 'a line in a chunked answer ends without CR');
      const line = this.#line.slice(0, -1);
      this.#line = '';
      if (this.#state === 'size') this.#beginChunk(line);
      else if (line === '') this.#state = 'done';
      return;
    }
    if (this.#line.endsWith('\r')) throw new WireError('protocol', 'a CR in a line of a chunked answer');
    this.#line += String.fromCharCode(byte);
    if (this.#state === 'trailer') this.#trailers += 1;
    if (this.#line.length > LINE_LIMIT || this.#trailers > LINE_LIMIT)
      throw new WireError('protocol', 'a line in a chunked answer is too long');
  }

  #beginChunk(line: string): void {
    const size = /^([0-9a-fA-F]{1,8})[\t ]*(?:;.*)?$/.exec(line)?.[1];
    if (size === undefined) throw new WireError('protocol', 'a chunk of the answer has no size');
    this.#left = parseInt(size, 16);
    this.#state = this.#left === 0 ? 'trailer' : 'data';
  }
}
