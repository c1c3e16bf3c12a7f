// SPDX-License-Identifier: Apache-2.0
import type { Socket } from 'node:net';
import { newScratch } from './answer-reader.js';
import { openSocket, type TlsSession } from './open-socket.js';
import type { WireOptions, WireTarget } from './wire-target.js';

/** What a connection tells to the exchange that has it. */
export interface ConnectionUser {
  /** Where the next bytes should be put. */
  space(): Uint8Array;
  take(bytes: Uint8Array): void;
  /** The server has closed its side. */
  ended(): void;
  /** The connection is gone. */
  lost(cause: unknown): void;
}

/** One socket, which is lent to one exchange at a time. Without one, every byte and every end closes it: nobody asked. */
export class Connection {
  readonly scratch = newScratch();
  /** It has carried an exchange already: the server may have closed it meanwhile. */
  used = false;
  /** When the server may close it, by what it said last; milliseconds from the end of an exchange. */
  keptForMs: number | undefined;
  #socket: Socket | undefined;
  #user: ConnectionUser | undefined;
  #onClose: (() => void) | undefined;

  /** Errors: as `openSocket`. */
  static async open(
    target: WireTarget,
    options: WireOptions,
    session: TlsSession,
    signal: AbortSignal,
  ): Promise<Connection> {
    const connection = new Connection();
    const reads = {
      buffer: () => connection.#user?.space() ?? connection.scratch,
      callback: (count: number, memory: Uint8Array) => connection.#take(memory.subarray(0, count)),
    };
    connection.#attach(await openSocket(target, options, session, reads, signal));
    return connection;
  }

  get open(): boolean {
    return this.#socket !== undefined && !this.#socket.destroyed && this.#socket.writable;
  }

  get socket(): Socket {
    if (this.#socket === undefined) throw new Error('a connection that was never open');
    return this.#socket;
  }

  /** Lends it out; an idle one does not keep the process alive. */
  lend(user: ConnectionUser): void {
    this.#user = user;
    this.socket.ref();
  }

  /** Ends the loan. */
  giveBack(): void {
    this.#user = undefined;
    this.used = true;
    this.#socket?.unref();
  }

  /** Called once when it closes while nobody has it. */
  set onClose(call: (() => void) | undefined) {
    this.#onClose = call;
  }

  /** Ends it now; nothing is read or written any more. */
  destroy(): void {
    this.#user = undefined;
    this.#socket?.destroy();
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    let cause: unknown;
    socket.on('error', (error) => (cause = error));
    socket.on('end', () => (this.#user ? this.#user.ended() : socket.destroy()));
    socket.on('close', () => (this.#user ? this.#user.lost(cause) : this.#onClose?.()));
  }

  #take(bytes: Uint8Array): boolean {
    if (this.#user) this.#user.take(bytes);
    else this.destroy();
    return true;
  }
}
