// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A road to a server on which everything may come to stand still: connections are accepted, and nothing is answered. */
export class SlowRoad {
  #still = false;
  readonly #sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async open(to: { readonly host: string; readonly port: number }): Promise<SlowRoad> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    const road = new SlowRoad(server, address.port);
    server.on('connection', (near) => road.#join(near, connect(to)));
    return road;
  }

  /** Nothing gets through any more, in either direction; nobody is told. */
  standStill(): void {
    this.#still = true;
    for (const socket of this.#sockets) socket.pause();
  }

  close(): void {
    this.server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (data) => to.write(data));
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.on('error', () => to.destroy());
      if (this.#still) from.pause();
    }
  }
}
