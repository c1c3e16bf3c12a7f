// SPDX-License-Identifier: Apache-2.0
import { Connection } from './connection.js';
import type { TlsSession } from './open-socket.js';
import { WireError } from './wire-error.js';
import type { WireOptions, WireTarget } from './wire-target.js';

interface Idle {
  readonly connection: Connection;
  readonly timer: NodeJS.Timeout;
}

/** The connections to one target: at most so many at a time, the last one used is used first, those that nobody uses are closed. */
export class Pool {
  readonly #target: WireTarget;
  readonly #options: WireOptions;
  readonly #session: TlsSession = { ticket: undefined };
  readonly #idle: Idle[] = [];
  readonly #busy = new Set<Connection>();
  readonly #waiting = new Set<() => void>();
  readonly #closing = new AbortController();
  /** Places that are taken: by connections in use and by those that are being opened. */
  #taken = 0;

  constructor(target: WireTarget, options: WireOptions) {
    this.#target = target;
    this.#options = options;
  }

  /** Open sockets, for tests and figures. */
  get size(): number {
    return this.#idle.length + this.#busy.size;
  }

  /** A connection for one exchange; `fresh`: one that was not used before. Errors: as `openSocket`. */
  async take(signal: AbortSignal, fresh = false): Promise<Connection> {
    await this.#place(signal);
    try {
      if (fresh) this.#dropIdle();
      const connection = this.#popIdle() ?? (await this.#open(signal));
      this.#busy.add(connection);
      return connection;
    } catch (error) {
      this.#leave();
      throw error;
    }
  }

  /** Gives it back, open or not. */
  give(connection: Connection): void {
    this.#busy.delete(connection);
    if (connection.open && !this.#closing.signal.aborted) this.#keep(connection);
    else connection.destroy();
    this.#leave();
  }

  /** Ends every connection now, and whoever waits for one. */
  close(): void {
    this.#closing.abort(new WireError('connect', 'the client was closed'));
    for (const connection of this.#busy) connection.socket.destroy();
    this.#dropIdle();
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    const either = AbortSignal.any([signal, this.#closing.signal]);
    return await Connection.open(this.#target, this.#options, this.#session, either);
  }

  /** Waits for one of the places, in the order of the calls. */
  async #place(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.#closing.signal.throwIfAborted();
    if (this.#taken < this.#options.connections) {
      this.#taken += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const turn = (): void => resolve(undefined);
    const stop = (): void => reject((signal.aborted ? signal : this.#closing.signal).reason as Error);
    this.#waiting.add(turn);
    signal.addEventListener('abort', stop, { once: true });
    this.#closing.signal.addEventListener('abort', stop, { once: true });
    try {
      await promise;
    } finally {
      this.#waiting.delete(turn);
      signal.removeEventListener('abort', stop);
      this.#closing.signal.removeEventListener('abort', stop);
    }
  }

  /** Hands the place on. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#taken -= 1;
    else {
      this.#waiting.delete(next);
      next();
    }
  }

  #keep(connection: Connection): void {
    const { idleMs } = this.#options;
    // A second before the server closes it, by its own words.
    const keep = Math.min(idleMs, (connection.keptForMs ?? Infinity) - 1_000);
    const idle: Idle = { connection, timer: setTimeout(() => this.#drop(idle), Math.max(0, keep)).unref() };
    connection.onClose = () => this.#drop(idle);
    this.#idle.push(idle);
  }

  #popIdle(): Connection | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      idle.connection.onClose = undefined;
      if (idle.connection.open) return idle.connection;
      idle.connection.destroy();
    }
    return undefined;
  }

  #drop(idle: Idle): void {
    const at = this.#idle.indexOf(idle);
    if (at !== -1) this.#idle.splice(at, 1);
    clearTimeout(idle.timer);
    idle.connection.onClose = undefined;
    idle.connection.destroy();
  }

  /** If one was closed by the server, the others probably are too. */
  #dropIdle(): void {
    for (const idle of [...this.#idle]) this.#drop(idle);
  }
}
