// SPDX-License-Identifier: Apache-2.0
import { Socket, type SocketConstructorOpts } from 'node:net';
import type { PageSink } from '@grit/plugin-api';
import { SMALLEST_SPACE, type PageReceiver } from './page-receiver.js';

/** What becomes of a connection. */
export interface ReaderEnds {
  readonly failed: (error: unknown) => void;
  /** The other side has closed, or the connection broke. */
  readonly ended: () => void;
}

/**
 * Reads a connection straight into the memory of the sink, in reads as large as the kernel has bytes; while there is no room nothing
 * is read, and CRIU waits.
 */
export class SocketReader {
  /**
   * Node reads into the memory that it was told of last, also after a pause: while the sink has none that is this one. So what comes
   * first after a pause is copied, once.
   */
  readonly #spare = new Uint8Array(SMALLEST_SPACE);
  #target = this.#spare as Uint8Array;
  readonly socket: Socket;

  constructor(
    accepted: Socket,
    private readonly receiver: PageReceiver,
    private readonly sink: PageSink,
    private readonly ends: ReaderEnds,
    private readonly signal: AbortSignal,
  ) {
    this.socket = this.#adopt(accepted);
    this.socket.setNoDelay(true);
    this.socket.on('error', () => undefined);
    this.socket.once('close', () => ends.ended());
    this.socket.resume();
  }

  /**
   * Only a socket that is made for it reads into given memory, and a server makes its sockets itself: the connection is handed to a
   * second one.
   */
  #adopt(accepted: Socket): Socket {
    const holder = accepted as unknown as { _handle: unknown };
    const options = {
      handle: holder._handle,
      manualStart: true,
      onread: {
        buffer: () => this.#target,
        callback: (count: number, memory: Uint8Array) => this.#take(count, memory),
      },
    };
    const socket = new Socket(options as SocketConstructorOpts);
    holder._handle = null;
    accepted.destroy();
    return socket;
  }

  /** Returns whether to read on. */
  #take(count: number, memory: Uint8Array): boolean {
    try {
      if (memory === this.#spare) {
        const space = this.receiver.space();
        if (space === undefined) return this.#waitThen(() => this.#take(count, memory));
        space.set(memory.subarray(0, count));
      }
      this.receiver.received(count);
      this.#target = this.#spare;
      if (this.receiver.closed) return true;
      const space = this.receiver.space();
      if (space === undefined) return this.#waitThen(() => true);
      this.#target = space;
      return true;
    } catch (error) {
      this.#target = this.#spare;
      this.ends.failed(error);
      return false;
    }
  }

  #waitThen(next: () => boolean): false {
    const wait = async (): Promise<void> => {
      await this.sink.ready(this.signal);
      if (!this.socket.destroyed && next()) this.socket.resume();
    };
    wait().catch((error: unknown) => this.ends.failed(error));
    return false;
  }
}
