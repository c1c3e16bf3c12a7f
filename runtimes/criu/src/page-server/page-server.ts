// SPDX-License-Identifier: Apache-2.0
import { watch, type FSWatcher } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { GritError, type Logger, type PageSink } from '@grit/plugin-api';
import { connectionOwner } from './connection-owner.js';
import { PagemapFile } from './pagemap-file.js';
import { PageReceiver, type StreamedPart } from './page-receiver.js';
import type { HeaderLayout } from './protocol.js';
import { SocketReader } from './socket-reader.js';

/** Status 0, in the four bytes that CRIU reads. */
const ALL_WELL = new Uint8Array(4);
/** The last of CRIU's images. */
const LAST_IMAGE = 'inventory.img';

/** What a page server works with. */
export interface PageServerOptions {
  readonly sink: PageSink;
  readonly layout: HeaderLayout;
  /** Absolute path of the directory of CRIU's images; it gets the pagemaps. */
  readonly images: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Takes the pages of one dump from one CRIU, over the loopback, into a sink. */
export class PageServer {
  readonly #server: Server = createServer({ pauseOnConnect: true });
  readonly #receiver: PageReceiver;
  readonly #pagemaps: PagemapFile[] = [];
  readonly #strangers = new Set<Socket>();
  readonly #failure = Promise.withResolvers<never>();
  readonly #ended = Promise.withResolvers<undefined>();
  #reader: SocketReader | undefined;
  #watcher: FSWatcher | undefined;
  #runc: Promise<number> | undefined;
  #answered = false;
  #failed: Error | undefined;

  private constructor(private readonly options: PageServerOptions) {
    this.#failure.promise.catch(() => undefined);
    this.#receiver = new PageReceiver(options.sink, options.layout, {
      openPagemap: (target, pagesId) => this.#openPagemap(target.file, pagesId),
      answer: (bytes) => void this.#reader?.socket.write(bytes),
      closed: () => this.#sayAllWell(),
    });
    this.#server.on('connection', (socket) => void this.#admit(socket));
  }

  /** Listens on a port of its own. */
  static async listen(options: PageServerOptions): Promise<PageServer> {
    const server = new PageServer(options);
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    });
    server.#server.on('error', (error) => server.#fail(error));
    server.#watchImages();
    return server;
  }

  /** `ADDRESS:PORT`, as runc takes it. */
  get address(): string {
    return `127.0.0.1:${this.#port}`;
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Bytes of pages so far. */
  get bytes(): number {
    return this.#receiver.bytes;
  }

  /** Rejects when the dump cannot succeed any more; the connection is gone then. Never resolves. */
  get failure(): Promise<never> {
    return this.#failure.promise;
  }

  /** Tells which runc the dump belongs to: only a process below it may connect. */
  expect(runc: Promise<number>): void {
    this.#runc = runc;
  }

  /**
   * Waits for the rest after runc has ended well. Returns the parts in the order of their numbers. Errors: those of the sink;
   * GRIT_NODE_STORAGE_FULL and the like of the pagemaps; GRIT_DUMP_FAILED for a stream that is not complete.
   */
  async finish(): Promise<readonly StreamedPart[]> {
    if (this.#reader !== undefined) await Promise.race([this.#ended.promise, this.failure]);
    if (!this.#receiver.closed) throw new GritError('GRIT_DUMP_FAILED', 'CRIU ended without all of its pages');
    await Promise.all(this.#pagemaps.map(async (file) => file.end()));
    return this.#receiver.parts;
  }

  /** Ends everything. Returns what has failed, if something has. */
  async close(): Promise<Error | undefined> {
    this.#watcher?.close();
    this.#server.close();
    for (const socket of this.#strangers) socket.destroy();
    this.#reader?.socket.destroy();
    await Promise.allSettled(this.#pagemaps.map(async (file) => file.end()));
    return this.#failed;
  }

  /** The first process of our runc's that connects is CRIU; everybody else is shown the door. */
  async #admit(socket: Socket): Promise<void> {
    const remotePort = socket.remotePort ?? 0;
    this.#strangers.add(socket);
    socket.on('error', () => undefined).once('close', () => this.#strangers.delete(socket));
    try {
      const runc = await this.#runc;
      const owner = runc === undefined ? undefined : await connectionOwner(runc, remotePort, this.#port);
      if (owner !== undefined && this.#reader === undefined && !socket.destroyed) {
        const ends = { failed: (error: unknown) => this.#fail(error), ended: () => this.#ended.resolve(undefined) };
        const { sink, signal } = this.options;
        this.#reader = new SocketReader(socket, this.#receiver, sink, ends, signal);
        return;
      }
      this.options.logger.warn('page server: a connection of somebody else was closed', { remotePort });
    } catch (error) {
      this.options.logger.warn('page server: a connection could not be checked', { remotePort, error: String(error) });
    }
    socket.destroy();
  }

  #openPagemap(name: string, pagesId: number): PagemapFile {
    const file = new PagemapFile(join(this.options.images, name), pagesId, this.options.layout.wide);
    this.#pagemaps.push(file);
    return file;
  }

  /**
   * CRIU corks its connection and takes the cork out when it wants an answer, but not for its goodbye: the end of the last pages and
   * the goodbye lie in its kernel for 200 ms, while the workload stands still. When its last image appears it asks for nothing else
   * any more, so it gets the answer to its goodbye in advance, closes at once, and that sends the rest. What has really come is
   * seen by `finish`; CRIU ending well is not enough.
   */
  #watchImages(): void {
    try {
      this.#watcher = watch(this.options.images, { persistent: false }, (_event, name) => {
        if (name === LAST_IMAGE && this.#failed === undefined) this.#sayAllWell();
      });
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch (error) {
      this.options.logger.debug('page server: the images cannot be watched', { error: String(error) });
    }
  }

  #sayAllWell(): void {
    if (this.#answered || this.#reader === undefined) return;
    this.#answered = true;
    this.#reader.socket.write(ALL_WELL);
  }

  #fail(error: unknown): void {
    this.#failed ??= error instanceof Error ? error : new Error(String(error));
    this.#reader?.socket.destroy();
    this.#failure.reject(this.#failed);
  }
}
