// SPDX-License-Identifier: Apache-2.0
import { Exchange } from './exchange.js';
import { Pool } from './pool.js';
import { requestHead } from './request-head.js';
import { WireError } from './wire-error.js';
import type { WireAnswer, WireRequest } from './wire-request.js';
import { WIRE_DEFAULTS, type WireOptions, type WireTarget } from './wire-target.js';

/** What a server may do twice without harm, unless the request says otherwise. */
const REPEATABLE = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']);

/**
 * A client of HTTP/1.1 for one target, for bytes by the gigabyte: a download is read by the kernel straight into the caller's memory,
 * an upload is written straight from it. Answers are taken strictly. Nothing is tried again in here, with one exception: a connection
 * that the server closed while nobody used it is not the fault of the request that meets it, which goes once more, on a fresh one.
 * Proxies are not supported.
 */
export class Wire {
  readonly target: WireTarget;
  readonly #pool: Pool;
  readonly #options: WireOptions;

  constructor(target: WireTarget, options: Partial<WireOptions> = {}) {
    this.target = target;
    this.#options = { ...WIRE_DEFAULTS, ...options };
    this.#pool = new Pool(target, this.#options);
  }

  /** Open sockets: in use and idle. */
  get connections(): number {
    return this.#pool.size;
  }

  /**
   * One request; waits for a free connection. Any status is an answer. When it has ended, in whatever way, neither its target nor its
   * body is touched any more; an abort ends it at once and closes its socket.
   * Errors: WireError; the signal's reason; what the body throws; TypeError for a request that cannot be sent.
   */
  async request(request: WireRequest): Promise<WireAnswer> {
    const head = requestHead(request, this.target);
    const repeatable = request.repeatable ?? REPEATABLE.has(request.method);
    for (let repeated = false; ; repeated = true) {
      const connection = await this.#pool.take(request.signal, repeated);
      const { used } = connection;
      const exchange = new Exchange(connection, request, this.#options);
      try {
        const answer = await exchange.run(head);
        return repeated ? { ...answer, repeated } : answer;
      } catch (error) {
        const stale = used && !exchange.answered && error instanceof WireError && error.kind === 'reset';
        if (!stale || !repeatable) throw error;
      } finally {
        this.#pool.give(connection);
      }
    }
  }

  /** Ends all connections now, also those in use: their requests fail with WireError. */
  close(): void {
    this.#pool.close();
  }
}
