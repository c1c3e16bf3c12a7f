// SPDX-License-Identifier: Apache-2.0
import type { Server } from 'node:https';
import type { Duplex } from 'node:stream';

/** Connections that carried no request yet: API servers open some in advance, and a server that ends would wait for them. */
export class UnusedConnections {
  readonly #all = new Set<Duplex>();
  #closed = false;

  constructor(server: Server) {
    server.on('secureConnection', (socket) => {
      if (this.#closed) socket.destroy();
      else this.#all.add(socket);
      socket.once('close', () => this.#all.delete(socket));
    });
  }

  /** A request came on it. */
  use(socket: Duplex): void {
    this.#all.delete(socket);
  }

  /** Ends them, and those that are still to come. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#all) socket.destroy();
  }
}
