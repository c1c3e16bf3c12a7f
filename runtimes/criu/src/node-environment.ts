// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { access, mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DeviceDriver, Logger } from '@grit/plugin-api';
import type { RuntimeConfig } from './config.js';
import { WorkloadDirectory } from './workload/workload-directory.js';

/** What a node of this runtime is made with. */
export interface NodeSettings {
  /** Absolute path; everything of the node is below it. */
  readonly stateDirectory: string;
  readonly config: RuntimeConfig;
  readonly logger: Logger;
  /** For workloads that use devices. */
  readonly devices?: DeviceDriver | undefined;
}

/** Where things are on this node and what its tools are started with. */
export class NodeEnvironment {
  private constructor(
    readonly settings: NodeSettings,
    /** For every program: criu is found through PATH, also by runc. */
    readonly env: NodeJS.ProcessEnv,
  ) {}

  static async open(settings: NodeSettings): Promise<NodeEnvironment> {
    const path = process.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    const directories = [settings.config.criuDirectory, await preparedCriu(), path];
    const env = { ...process.env, LC_ALL: 'C', PATH: directories.filter((entry) => entry !== undefined).join(':') };
    const node = new NodeEnvironment(settings, env);
    await mkdir(node.#workloads, { recursive: true, mode: 0o700 });
    await mkdir(node.runcRoot, { recursive: true, mode: 0o700 });
    await mkdir(node.emptyDirectory, { recursive: true, mode: 0o700 });
    return node;
  }

  get config(): RuntimeConfig {
    return this.settings.config;
  }

  get logger(): Logger {
    return this.settings.logger;
  }

  get devices(): DeviceDriver | undefined {
    return this.settings.devices;
  }

  /** Whether memory limits may be raised for the state of devices. */
  get mayRaiseLimits(): boolean {
    return this.config.memoryLimits === 'raise';
  }

  /** runc's own state of the containers. */
  get runcRoot(): string {
    return join(this.settings.stateDirectory, 'runc');
  }

  /** CRIU's plugin directory: no plugins. */
  get emptyDirectory(): string {
    return join(this.settings.stateDirectory, 'empty');
  }

  get #workloads(): string {
    return join(this.settings.stateDirectory, 'workloads');
  }

  /** Keeps the control groups of two nodes on one machine apart. */
  get hash(): string {
    return createHash('sha256').update(this.settings.stateDirectory).digest('hex').slice(0, 8);
  }

  workload(name: string): WorkloadDirectory {
    return new WorkloadDirectory(join(this.#workloads, name));
  }

  async workloadNames(): Promise<readonly string[]> {
    return (await readdir(this.#workloads)).sort();
  }
}

/** The newest CRIU that the set-up has put into the cache. */
async function preparedCriu(): Promise<string | undefined> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'grit');
  const names = (await readdir(cache).catch(() => [])).filter((name) => name.startsWith('criu-'));
  for (const name of names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))) {
    const directory = join(cache, name, 'bin');
    const usable = await access(join(directory, 'criu')).then(
      () => true,
      () => false,
    );
    if (usable) return directory;
  }
  return undefined;
}
