// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PlatformClient, StatePaths } from '@grit/core';
import type { JsonObject, OperationRequest, OperationStatus } from '@grit/plugin-api';
import { Barriers, KillingCriu } from '@grit/plugin-testing';
import { until } from './until.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const GRIT = join(ROOT, 'core', 'cli', 'bin', 'grit.js');
const FIXTURES = join(ROOT, 'core', 'plugin-testing', 'fixtures');

/** What can be killed. `agent-b` is the second node's. */
export type Victim = 'agent' | 'agent-b' | 'server' | 'redis';

/**
 * A platform of real processes on this machine: server, Redis, the agents of the nodes `local` and `b`; runc, CRIU and a
 * store with barriers around them.
 */
export class Machine {
  readonly barriers: Barriers;
  readonly client: PlatformClient;
  readonly #children = new Map<'server' | 'agent-b', ChildProcess>();
  readonly #paths: StatePaths;

  private constructor(
    readonly directory: string,
    readonly criu: KillingCriu,
  ) {
    this.#paths = new StatePaths(join(directory, 's'));
    this.barriers = new Barriers(join(directory, 'faults'));
    this.client = new PlatformClient(this.#paths.serverSocket);
  }

  /** @param runtime - instead of runc and CRIU with barriers around them; as in grit.yaml */
  static async start(runtime?: JsonObject): Promise<Machine> {
    // Short: the paths of sockets are limited to 107 bytes.
    const directory = await mkdtemp('/var/tmp/grit-');
    const machine = new Machine(directory, await KillingCriu.make(join(directory, 'criu')));
    await machine.#configure(runtime);
    await machine.startServer();
    await machine.startAgentB();
    return machine;
  }

  async startServer(): Promise<void> {
    this.#children.set('server', await this.#spawn('server', 'server', '--state-dir', this.#paths.root));
    await until('the server answers', () =>
      this.client.status(never).then(
        () => true,
        () => false,
      ),
    );
    await this.#nodeReady('local');
  }

  async startAgentB(): Promise<void> {
    const args = ['--node', 'b', '--state-dir', join(this.directory, 'b'), '--server', this.#paths.serverSocket];
    this.#children.set('agent-b', await this.#spawn('agent-b', 'agent', ...args));
    await this.#nodeReady('b');
  }

  get redisSocket(): string {
    return this.#paths.redisSocket;
  }

  /** SIGKILL, and the start of what nobody else starts again. Returns when it is dead and started. */
  async kill(victim: Victim): Promise<void> {
    const pid = await this.pidOf(victim);
    process.kill(pid, 'SIGKILL');
    if (victim === 'server' || victim === 'agent-b') {
      const child = this.#children.get(victim);
      if (child !== undefined && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    if (victim === 'server') await this.startServer();
    if (victim === 'agent-b') await this.startAgentB();
  }

  async pidOf(victim: Victim): Promise<number> {
    if (victim === 'server' || victim === 'agent-b') return this.#children.get(victim)?.pid ?? 0;
    const file = victim === 'agent' ? this.#paths.pidFile('agent-local') : join(this.#paths.root, 'redis', 'redis.pid');
    return (JSON.parse(await readFile(file, 'utf8')) as { readonly pid: number }).pid;
  }

  /** Submits and waits for the end, whatever it is. */
  async operate(request: OperationRequest): Promise<OperationStatus> {
    return this.end((await this.client.submit(request, never)).id);
  }

  async end(id: string): Promise<OperationStatus> {
    let last: OperationStatus | undefined;
    for await (const status of this.client.watch(id, AbortSignal.timeout(120_000))) last = status;
    if (last === undefined) throw new Error(`operation ${id} has no status`);
    return last;
  }

  async stop(): Promise<void> {
    for (const { workload } of await this.client.listWorkloads(never)) {
      await this.operate({ apiVersion: 'grit.dev/v1', kind: 'stop', workload, graceMs: 0 });
      await this.operate({ apiVersion: 'grit.dev/v1', kind: 'delete', workload });
    }
    this.#children.get('agent-b')?.kill();
    await this.client.shutdown(never);
    for (const child of this.#children.values()) {
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  async #configure(runtime: JsonObject | undefined): Promise<void> {
    await mkdir(this.barriers.directory, { recursive: true });
    await mkdir(join(this.#paths.root, 'logs'), { recursive: true });
    const faults = this.barriers.directory;
    const plugins = {
      'runtime-criu': runtime ?? {
        use: join(FIXTURES, 'barrier-runtime'),
        config: { faults, criuDirectory: this.criu.directory },
      },
      store: { use: join(FIXTURES, 'barrier-storage'), config: { faults, path: join(this.directory, 'store') } },
    };
    await writeFile(this.#config, JSON.stringify({ plugins }));
  }

  get #config(): string {
    return join(this.directory, 'grit.yaml');
  }

  async #spawn(name: string, ...args: string[]): Promise<ChildProcess> {
    const log = await open(join(this.#paths.root, 'logs', `${name}.log`), 'a');
    try {
      return spawn(
        process.execPath,
        ['--disable-warning=ExperimentalWarning', GRIT, ...args, '--config', this.#config],
        {
          cwd: this.directory,
          stdio: ['ignore', log.fd, log.fd],
        },
      );
    } finally {
      await log.close();
    }
  }

  async #nodeReady(name: string): Promise<void> {
    await until(`node ${name} is ready`, async () => {
      const nodes = await this.client.listNodes(never).catch(() => []);
      return nodes.some((node) => node.name === name && Date.now() - node.lastSeen < 2_000);
    });
  }
}

const never = new AbortController().signal;
