// SPDX-License-Identifier: Apache-2.0
import { once } from 'node:events';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { PlatformClient, StatePaths } from '@grit/core';
import type { JsonObject } from '@grit/plugin-api';
import { until } from '../../integration/machine/until.js';
import { GRIT, GritProcess } from './grit-process.js';

/** As plugins/kubernetes/README.md has it: without limits V8 collects so seldom that a large cluster takes twice the memory. */
const FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4', '--max-old-space-size=256'];

export interface ControllerOptions {
  /** Identity in Leases; also the name of its folder. */
  readonly name: string;
  /** Folder of the platform. */
  readonly directory: string;
  /** State directory whose Redis is the queue. */
  readonly redisOf: string;
  readonly kubeconfig: string;
  /** Where the API server reaches the webhook. */
  readonly address: string;
  /** Of the plugin, laid over what is set here. */
  readonly config?: JsonObject;
  readonly env?: Readonly<Record<string, string>>;
}

/** `grit server --no-agent` with the Kubernetes plugin: a process of its own, as in a pod. */
export class ControllerProcess extends GritProcess {
  readonly name: string;
  #env: Readonly<Record<string, string>>;

  private constructor(options: ControllerOptions) {
    super(join(options.directory, options.name), 'server.log');
    this.name = options.name;
    this.#env = options.env ?? {};
  }

  /** Its files; the process is not started. */
  static async make(options: ControllerOptions): Promise<ControllerProcess> {
    const controller = new ControllerProcess(options);
    const { directory } = controller;
    await mkdir(directory, { recursive: true });
    // One queue for all replicas, as a Redis in a cluster is.
    await symlink(join(options.redisOf, 'redis'), join(directory, 'redis'));
    const port = await freePort();
    const kubernetes = {
      kubeconfig: options.kubeconfig,
      identity: options.name,
      webhook: { host: '0.0.0.0', port, url: `https://${options.address}:${port}` },
      ...options.config,
    };
    const plugins = {
      'runtime-criu': null,
      kubernetes: { use: '@grit/plugin-kubernetes', config: kubernetes },
    };
    await writeFile(join(directory, 'grit.yaml'), JSON.stringify({ plugins, log: { level: 'debug' } }));
    return controller;
  }

  /** Returns when it answers on its socket; what it does in the cluster comes after that. */
  async start(env: Readonly<Record<string, string>> = this.#env): Promise<void> {
    this.#env = env;
    const config = join(this.directory, 'grit.yaml');
    const args = ['server', '--no-agent', '--state-dir', this.directory, '--config', config];
    await this.spawn([process.execPath, ...FLAGS, GRIT, ...args], env);
    const client = new PlatformClient(new StatePaths(this.directory).serverSocket);
    await until(`the server ${this.name} answers`, async () => {
      if (!this.isRunning) throw new Error(`the server ${this.name} ended: ${await this.logTail()}`);
      return client.status(AbortSignal.timeout(5_000)).then(
        ({ pid }) => pid === this.pid,
        () => false,
      );
    });
  }

  /** SIGSTOP: it stands still and notices nothing, as a machine that swaps does. */
  pause(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** The most memory that the process has had, MiB. */
  async peakMemoryMiB(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1024;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '0.0.0.0');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
