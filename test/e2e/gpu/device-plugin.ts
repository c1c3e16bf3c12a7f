// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { statSync, watch, type FSWatcher } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import {
  API_VERSION,
  DEVICE_PLUGIN,
  HEALTHY,
  REGISTER,
  type AllocateRequest,
  type Allocation,
} from './device-plugin-api.js';

export interface DevicePluginOptions {
  /** Where the kubelet of the node has its socket for device plugins, as this process sees it. */
  readonly folder: string;
  /** DOMAIN/NAME, as in the limits of a container. */
  readonly resource: string;
  /** Ids of the devices, all of them healthy. */
  readonly devices: readonly string[];
  /** What a container gets that is given these devices. */
  readonly allocate: (devices: readonly string[]) => Allocation;
}

const KUBELET_SOCKET = 'kubelet.sock';
const DEADLINE_MS = 10_000;
const PAUSE_MS = 100;

/** Offers devices of a node to its kubelet, and to each that comes after it: a kubelet that starts forgets, and removes, all plugins. */
export class DevicePlugin {
  /** Of the socket at which it has registered. */
  #kubelet: string | undefined;
  #server: Server | undefined;
  #lists = 0;
  #watcher: FSWatcher | undefined;
  readonly #end = new AbortController();
  #work: Promise<void> = Promise.resolve();

  private constructor(private readonly options: DevicePluginOptions) {}

  /** Returns when the kubelet, which must be at work, has asked for the devices. */
  static async start(options: DevicePluginOptions, signal: AbortSignal): Promise<DevicePlugin> {
    const plugin = new DevicePlugin(options);
    plugin.#watcher = watch(options.folder, () => plugin.#follow());
    plugin.#follow();
    try {
      await plugin.untilListed(1, signal);
    } catch (error) {
      await plugin.stop();
      throw error;
    }
    return plugin;
  }

  /** How many kubelets have asked for the devices until now. */
  get listed(): number {
    return this.#lists;
  }

  /** Returns when so many kubelets have asked for the devices. */
  async untilListed(times: number, signal: AbortSignal): Promise<void> {
    while (this.#lists < times) await delay(PAUSE_MS, undefined, { signal });
  }

  /** Takes the devices back; containers that have some keep them. */
  async stop(): Promise<void> {
    this.#end.abort();
    this.#watcher?.close();
    await this.#work;
    this.#server?.forceShutdown();
    await rm(this.#socket, { force: true });
  }

  get #socket(): string {
    return join(this.options.folder, `${this.options.resource.replace('/', '-')}.sock`);
  }

  // One after another: two changes of the folder are one new kubelet.
  #follow(): void {
    this.#work = this.#work.then(() => this.#offer());
  }

  async #offer(): Promise<void> {
    while (!this.#end.signal.aborted) {
      const kubelet = identify(join(this.options.folder, KUBELET_SOCKET));
      if (kubelet === undefined || kubelet === this.#kubelet) return;
      try {
        await this.#serve();
        await this.#register();
        this.#kubelet = kubelet;
      } catch {
        // It has made its socket and does not answer yet, or is gone again.
        await delay(PAUSE_MS, undefined, { signal: this.#end.signal }).catch(() => undefined);
      }
    }
  }

  async #serve(): Promise<void> {
    this.#server?.forceShutdown();
    await rm(this.#socket, { force: true });
    const server = new Server();
    this.#server = server;
    server.addService(DEVICE_PLUGIN, {
      GetDevicePluginOptions: (_call: unknown, answer: sendUnaryData<object>) => answer(null, {}),
      ListAndWatch: (call: ServerWritableStream<object, object>) => {
        call.write({ devices: this.options.devices.map((ID) => ({ ID, health: HEALTHY })) });
        this.#lists++;
        // Nothing changes; the stream is open as long as the kubelet likes.
        void once(call, 'cancelled').then(() => call.end());
      },
      Allocate: ({ request }: ServerUnaryCall<AllocateRequest, object>, answer: sendUnaryData<object>) => {
        const containerResponses = request.containerRequests.map((each) => this.options.allocate(each.devicesIds));
        answer(null, { containerResponses });
      },
    });
    await new Promise<void>((resolve, reject) => {
      const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
      server.bindAsync(`unix:${this.#socket}`, ServerCredentials.createInsecure(), done);
    });
  }

  async #register(): Promise<void> {
    const client = new Client(`unix:${join(this.options.folder, KUBELET_SOCKET)}`, credentials.createInsecure());
    const request = { version: API_VERSION, endpoint: basename(this.#socket), resourceName: this.options.resource };
    const { path, requestSerialize, responseDeserialize } = REGISTER;
    try {
      await new Promise<void>((resolve, reject) => {
        const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
        const deadline = { deadline: Date.now() + DEADLINE_MS };
        client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, deadline, done);
      });
    } finally {
      client.close();
    }
  }
}

/** Tells a socket from one that was made later at the same path. */
function identify(path: string): string | undefined {
  const made = statSync(path, { bigint: true, throwIfNoEntry: false });
  return made === undefined ? undefined : `${made.ino} ${made.birthtimeNs}`;
}
