// SPDX-License-Identifier: Apache-2.0
import { AnswerReader } from './answer-reader.js';
import { keptForMs } from './body-framing.js';
import type { Connection, ConnectionUser } from './connection.js';
import { asksFirst, bodySizeOf } from './request-head.js';
import { sendBody, type SendWatch } from './send-body.js';
import { WireError, type WireErrorKind } from './wire-error.js';
import type { WireAnswer, WireRequest } from './wire-request.js';
import type { WireOptions } from './wire-target.js';

/** What the clock of an exchange waits for; `body`: for the caller, so for as long as it takes. */
type Waiting = 'write' | 'body' | 'continue' | 'answer' | 'rest';

/** One request and its answer on one connection, which is closed unless all of it went well. */
export class Exchange implements ConnectionUser, SendWatch {
  /** Sending is over, and so is the answer, or what is left of the body is not wanted. */
  stopped = false;
  readonly #connection: Connection;
  readonly #request: WireRequest;
  readonly #options: WireOptions;
  readonly #reader: AnswerReader;
  readonly #outcome = Promise.withResolvers<WireAnswer>();
  readonly #size: number;
  #settled = false;
  /** The server has closed its side, or all is lost. */
  #closed = false;
  #sent = 0;
  #allSent = false;
  #waiting: Waiting = 'write';
  #lastMove = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #onContinue: (() => void) | undefined;

  constructor(connection: Connection, request: WireRequest, options: WireOptions) {
    this.#connection = connection;
    this.#request = request;
    this.#options = options;
    this.#size = bodySizeOf(request);
    this.#reader = new AnswerReader(request.method, connection.scratch, request.into, request.bodyLimit);
  }

  /** Whether the server said anything, so that it is known to have been there. */
  get answered(): boolean {
    return this.#reader.begun;
  }

  /** Errors: WireError `reset`, `stall`, `protocol`; the signal's reason; whatever the body throws. */
  async run(head: Uint8Array): Promise<WireAnswer> {
    const { signal } = this.#request;
    const abort = (): void => this.#fail(signal.reason);
    this.#connection.lend(this);
    signal.addEventListener('abort', abort, { once: true });
    this.#arm();
    try {
      if (signal.aborted) abort();
      else if (!this.#connection.open) this.lost(undefined);
      else this.#send(head).catch((error: unknown) => this.#fail(error));
      return await this.#outcome.promise;
    } finally {
      clearTimeout(this.#timer);
      signal.removeEventListener('abort', abort);
    }
  }

  space(): Uint8Array {
    return this.#settled ? this.#connection.scratch : this.#reader.space();
  }

  take(bytes: Uint8Array): void {
    if (this.#settled) return;
    this.#moved();
    try {
      this.#reader.take(bytes);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#afterRead();
  }

  ended(): void {
    try {
      this.#reader.end();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#closed = true;
    this.#afterRead();
    if (!this.#settled) this.lost(undefined);
  }

  lost(cause: unknown): void {
    this.#closed = true;
    // The answer is there and so is the request: only the body has not yet said that this was all.
    if (this.#reader.done && this.#sent === this.#size) return;
    this.#failAs('reset', 'the connection was lost', cause);
  }

  reading(): void {
    this.#wait('body');
  }

  wrote(bytes: number): void {
    this.#sent += bytes;
    this.#moved();
    this.#wait('write');
  }

  async #send(head: Uint8Array): Promise<void> {
    const { socket } = this.#connection;
    const size = this.#size;
    const { body } = this.#request;
    if (asksFirst(this.#request)) {
      this.#wait('continue');
      socket.write(head);
      await this.#askFirst();
      if (!this.stopped && body !== undefined) await sendBody(socket, undefined, body, size, this);
    } else if (body === undefined) socket.write(head);
    else await sendBody(socket, head, body, size, this);
    if (this.stopped) return;
    this.#allSent = true;
    this.#moved();
    this.#afterRead();
  }

  /** Until the server asks for the body, answers without it, or does not know the question. */
  async #askFirst(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#onContinue = () => resolve(undefined);
    const timer = setTimeout(this.#onContinue, this.#options.continueMs);
    await promise;
    clearTimeout(timer);
    this.#onContinue = undefined;
  }

  #afterRead(): void {
    const { head, done, continued } = this.#reader;
    // Only a refusal ends the sending early; a server that says yes will read what it needs.
    if (head !== undefined && head.status >= 300 && !this.#allSent) this.stopped = true;
    if (continued || this.stopped || head !== undefined) this.#onContinue?.();
    if (done && (this.#allSent || this.stopped)) this.#succeed();
    else if (this.#allSent || this.stopped) this.#wait(this.#reader.begun ? 'rest' : 'answer');
  }

  #succeed(): void {
    const { head, body, received, staysOpen } = this.#reader;
    if (this.#settled || head === undefined) return;
    this.#settled = true;
    if (staysOpen && this.#allSent && !this.#closed) {
      this.#connection.keptForMs = keptForMs(head);
      this.#connection.giveBack();
    } else this.#connection.destroy();
    this.#outcome.resolve({ status: head.status, headers: head.headers, body, received, repeated: false });
  }

  #failAs(kind: WireErrorKind, message: string, cause?: unknown): void {
    this.#fail(new WireError(kind, message, { cause, sent: this.#sent, received: this.#reader.received }));
  }

  #fail(error: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    this.stopped = true;
    this.#connection.destroy();
    this.#onContinue?.();
    this.#outcome.reject(withSent(error, this.#sent));
  }

  #moved(): void {
    this.#lastMove = performance.now();
  }

  #wait(waiting: Waiting): void {
    if (this.#waiting === waiting) return;
    this.#waiting = waiting;
    this.#moved();
    this.#arm();
  }

  /** One timer, which looks when it fires how long ago the last move was: a move itself costs no timer. */
  #arm(): void {
    clearTimeout(this.#timer);
    if (this.#settled || this.#waiting === 'body') return;
    const { firstByteMs, stallMs, continueMs } = this.#options;
    const limit =
      this.#waiting === 'answer' ? firstByteMs : this.#waiting === 'continue' ? continueMs + stallMs : stallMs;
    const left = limit - (performance.now() - this.#lastMove);
    if (left <= 0) this.#failAs('stall', `nothing moved for ${limit} ms`);
    else this.#timer = setTimeout(() => this.#arm(), Math.ceil(left));
  }
}

/** What the reader throws does not know what was sent. */
function withSent(error: unknown, sent: number): unknown {
  if (!(error instanceof WireError) || error.sent === sent) return error;
  return new WireError(error.kind, error.message, { cause: error.cause, sent, received: error.received });
}
