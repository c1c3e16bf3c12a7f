// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Wire } from '../../src/wire/wire.js';
import type { WireOptions, WireTarget } from '../../src/wire/wire-target.js';

/** The server's end of one connection. It does only what the test says. */
export class Peer {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  #read: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', resolve));
  }

  /** The next request without its body; undefined when there is none any more. */
  async head(): Promise<string | undefined> {
    for (;;) {
      const end = this.#read.indexOf('\r\n\r\n');
      if (end !== -1) {
        const head = this.#read.toString('latin1', 0, end);
        this.#read = this.#read.subarray(end + 4);
        return head;
      }
      if (!(await this.#more())) return undefined;
    }
  }

  /** So many bytes of a body, or those that came. */
  async bytes(count: number): Promise<Buffer> {
    while (this.#read.length < count && (await this.#more()));
    const bytes = this.#read.subarray(0, count);
    this.#read = this.#read.subarray(count);
    return bytes;
  }

  async write(bytes: string | Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => {
      this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, () => resolve());
    });
  }

  async answer(status: string, body: Uint8Array | string = '', headers = ''): Promise<void> {
    const bytes = Buffer.from(body);
    await this.write(
      Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\nContent-Length: ${bytes.length}\r\n${headers}\r\n`), bytes]),
    );
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const chunk = this.socket.read() as Buffer | null;
      if (chunk !== null) {
        this.#read = Buffer.concat([this.#read, chunk]);
        return true;
      }
      if (this.socket.destroyed || this.socket.readableEnded) return false;
      const stop = new AbortController();
      const { signal } = stop;
      const events = ['readable', 'end', 'close'].map((event) => once(this.socket, event, { signal }));
      await Promise.race(events).finally(() => {
        stop.abort();
        for (const event of events) event.catch(() => undefined);
      });
    }
  }
}

/** A server of which each connection is served by `serve`. */
export interface RawServer {
  readonly target: WireTarget;
  /** Connections so far. */
  readonly peers: readonly Peer[];
  /** A client of it that is closed with it. */
  wire(options?: Partial<WireOptions>): Wire;
  stop(): Promise<void>;
}

export interface ServerTls {
  readonly key: Buffer;
  readonly cert: Buffer;
  readonly ca: string;
}

/** What goes wrong in `serve` is thrown by `stop`. */
async function startRawServer(
  serve: (peer: Peer, nth: number) => Promise<void> | void,
  tls?: ServerTls,
): Promise<RawServer> {
  const peers: Peer[] = [];
  const wires: Wire[] = [];
  const failures: unknown[] = [];
  const accept = (socket: Socket): void => {
    const peer = new Peer(socket);
    peers.push(peer);
    void (async () => serve(peer, peers.length - 1))().catch((error: unknown) => failures.push(error));
  };
  const server = tls ? createTlsServer({ key: tls.key, cert: tls.cert }, accept) : createServer(accept);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const target = { secure: tls !== undefined, host: '127.0.0.1', port, tls: tls && { ca: tls.ca } };
  return {
    target,
    peers,
    wire: (options) => {
      const wire = new Wire(target, options);
      wires.push(wire);
      return wire;
    },
    stop: async () => {
      for (const wire of wires) wire.close();
      for (const { socket } of peers) socket.destroy();
      server.close();
      await once(server, 'close');
      if (failures.length > 0) throw new AggregateError(failures, 'the server of the test failed');
    },
  };
}

/** Runs `test` against a server, which is stopped in the end. */
export async function against(
  serve: (peer: Peer, nth: number) => Promise<void> | void,
  test: (server: RawServer) => Promise<void>,
  tls?: ServerTls,
): Promise<void> {
  const server = await startRawServer(serve, tls);
  try {
    await test(server);
  } finally {
    await server.stop();
  }
}
