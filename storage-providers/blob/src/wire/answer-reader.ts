// SPDX-License-Identifier: Apache-2.0
import { HEAD_LIMIT, parseAnswerHead, type AnswerHead } from './answer-head.js';
import { framingOf, staysOpen, type BodyFraming } from './body-framing.js';
import { ChunkedBody } from './chunked-body.js';
import { WireError } from './wire-error.js';

/** Bytes of a body that has no target, unless the request says another limit. */
const BODY_LIMIT = 1024 * 1024;

const HEAD_END = Buffer.from('\r\n\r\n');

/** Memory into which heads are read; one for each connection. */
export function newScratch(): Buffer<ArrayBuffer> {
  return Buffer.allocUnsafeSlow(HEAD_LIMIT);
}

/**
 * Reads one answer from bytes that come in any pieces, without a socket. It says where the next bytes should be put: once a body of
 * known size is on its way, that is the target itself, and nothing is copied. Throws WireErrors `protocol` and `reset`.
 */
export class AnswerReader {
  /** The head, once it is there: the last one, not that of `100 Continue`. */
  head: AnswerHead | undefined;
  /** The server wants the body that waited. */
  continued = false;
  done = false;
  received = 0;
  readonly #method: string;
  readonly #into: Uint8Array | undefined;
  readonly #scratch: Buffer;
  readonly #limit: number;
  #filled = 0;
  #framing: BodyFraming | undefined;
  /** Where the body goes: the target, or memory of its own. */
  #target: Uint8Array = new Uint8Array(0);
  #chunked: ChunkedBody | undefined;

  constructor(method: string, scratch: Buffer, into?: Uint8Array, limit = BODY_LIMIT) {
    this.#method = method;
    this.#scratch = scratch;
    this.#into = into;
    this.#limit = limit;
  }

  /** Whether anything of an answer came. */
  get begun(): boolean {
    return this.#filled > 0 || this.continued || this.head !== undefined;
  }

  /** The body, unless it is in `into`. */
  get body(): Uint8Array {
    return this.#target === this.#into ? new Uint8Array(0) : this.#target.subarray(0, this.received);
  }

  /** Whether another answer can follow on this connection. */
  get staysOpen(): boolean {
    return this.done && this.head !== undefined && this.#framing !== undefined && staysOpen(this.head, this.#framing);
  }

  /** Where the next bytes should be put. Never empty; once it is done, it is not the target. */
  space(): Uint8Array {
    if (this.done) return this.#scratch;
    if (this.head === undefined) return this.#scratch.subarray(this.#filled);
    if (this.#framing?.kind !== 'length') return this.#scratch;
    return this.#target.subarray(this.received, this.#framing.length);
  }

  /** Takes bytes, which lie in the last space or anywhere else. */
  take(bytes: Uint8Array): void {
    if (this.done)
      throw new WireError('protocol', 'the answer has more bytes than it says', { received: this.received });
    if (this.head === undefined) this.#takeHead(bytes);
    else this.#takeBody(bytes);
  }

  /** The server has closed its side. */
  end(): void {
    if (this.done) return;
    if (this.#framing?.kind === 'until-close') this.done = true;
    else throw new WireError('reset', 'the connection was closed before the answer ended', { received: this.received });
  }

  #takeHead(bytes: Uint8Array): void {
    const scratch = this.#scratch;
    let rest = bytes;
    for (let complete = false; !complete && rest.length > 0;) {
      const from = Math.max(0, this.#filled - HEAD_END.length + 1);
      const piece = rest.subarray(0, scratch.length - this.#filled);
      if (!liesAt(piece, scratch, this.#filled)) scratch.set(piece, this.#filled);
      this.#filled += piece.length;
      rest = rest.subarray(piece.length);
      complete = this.#parseHeads(from);
      if (!complete && this.#filled === scratch.length)
        throw new WireError('protocol', `the headers of the answer have more than ${HEAD_LIMIT} bytes`);
    }
    if (rest.length > 0) this.take(rest);
  }

  /** All heads in the scratch: any number of `1xx`, and then the one that counts. Whether that one was there. */
  #parseHeads(from: number): boolean {
    const scratch = this.#scratch;
    for (let start = from; ; start = 0) {
      const end = scratch.subarray(0, this.#filled).indexOf(HEAD_END, start);
      if (end === -1) return false;
      const head = parseAnswerHead(scratch.toString('latin1', 0, end));
      const behind = end + HEAD_END.length;
      if (head.status < 200) {
        if (head.status === 101) throw new WireError('protocol', 'the server changes the protocol, unasked');
        this.continued ||= head.status === 100;
        scratch.copyWithin(0, behind, this.#filled);
        this.#filled -= behind;
      } else {
        this.#begin(head, scratch.subarray(behind, this.#filled));
        return true;
      }
    }
  }

  #begin(head: AnswerHead, rest: Uint8Array): void {
    const framing = framingOf(this.#method, head);
    const good = head.status >= 200 && head.status < 300;
    if (framing.kind === 'until-close' && good)
      throw new WireError('protocol', 'the answer does not say how long its body is');
    this.head = head;
    this.#framing = framing;
    if (good && this.#into !== undefined) this.#target = this.#into;
    else if (framing.kind === 'length' && framing.length <= this.#limit) this.#target = new Uint8Array(framing.length);
    if (framing.kind === 'chunked') this.#chunked = new ChunkedBody((bytes) => this.#append(bytes));
    if (framing.kind === 'length') {
      if (framing.length > this.#target.length) throw this.#tooLong(framing.length);
      this.done = framing.length === 0;
    }
    if (rest.length > 0) this.take(rest);
  }

  #takeBody(bytes: Uint8Array): void {
    if (this.#chunked !== undefined) {
      const used = this.#chunked.take(bytes);
      this.done = this.#chunked.done;
      if (used < bytes.length) this.take(bytes.subarray(used));
    } else if (this.#framing?.kind === 'length') {
      const piece = bytes.subarray(0, this.#framing.length - this.received);
      this.#append(piece);
      this.done = this.received === this.#framing.length;
      if (piece.length < bytes.length) this.take(bytes.subarray(piece.length));
    } else this.#append(bytes);
  }

  #append(bytes: Uint8Array): void {
    const size = this.received + bytes.length;
    if (size > this.#target.length) this.#grow(size);
    if (!liesAt(bytes, this.#target, this.received)) this.#target.set(bytes, this.received);
    this.received = size;
  }

  #grow(size: number): void {
    if (this.#target === this.#into || size > this.#limit) throw this.#tooLong(size);
    const larger = new Uint8Array(Math.min(this.#limit, Math.max(4_096, size * 2)));
    larger.set(this.#target.subarray(0, this.received));
    this.#target = larger;
  }

  #tooLong(size: number): WireError {
    const limit = this.#target === this.#into ? this.#target.length : this.#limit;
    const message = `the body of the answer has ${size} bytes or more, and at most ${limit} are taken`;
    return new WireError('protocol', message, { received: this.received });
  }
}

function liesAt(bytes: Uint8Array, memory: Uint8Array, offset: number): boolean {
  return bytes.buffer === memory.buffer && bytes.byteOffset === memory.byteOffset + offset;
}
