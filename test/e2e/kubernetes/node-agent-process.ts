// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '@grit/plugin-api';
import type { ClusterNode } from '../../cluster/index.js';
import { until } from '../../integration/machine/until.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const GRIT = join(ROOT, 'core', 'cli', 'bin', 'grit.js');

export interface NodeAgentOptions {
  readonly node: ClusterNode;
  /** State directory whose Redis is the queue. */
  readonly redisOf: string;
  /** Of ServiceAccount grit-agent, bound to the node. */
  readonly kubeconfig: string;
  /** Of the runtime plugin, laid over what is set here. */
  readonly runtime?: JsonObject;
}

/** `grit agent --no-server` on a node of the cluster: a process of its own, as in the pod of a DaemonSet with the rights that it needs. */
export class NodeAgentProcess {
  readonly directory: string;
  #child: ChildProcess | undefined;

  private constructor(private readonly node: ClusterNode) {
    this.directory = join(node.directory, 'grit');
  }

  /** Its files; the process is not started. */
  static async make({ node, redisOf, kubeconfig, runtime }: NodeAgentOptions): Promise<NodeAgentProcess> {
    const agent = new NodeAgentProcess(node);
    const { directory } = agent;
    await mkdir(directory, { recursive: true });
    await symlink(join(redisOf, 'redis'), join(directory, 'redis'));
    const criu = {
      containerd: node.containerdSocket,
      runDirectory: join(node.directory, 'grit-run'),
      wrapper: join(node.directory, 'runc-grit'),
      ...runtime,
    };
    const plugins = {
      'runtime-criu': { use: '@grit/runtime-criu', config: criu },
      store: { use: '@grit/storage-pvc', config: { path: join(directory, 'images') } },
      kubernetes: { use: '@grit/plugin-kubernetes', config: { kubeconfig } },
    };
    await writeFile(join(directory, 'grit.yaml'), JSON.stringify({ plugins, log: { level: 'debug' } }));
    return agent;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Returns when it has published its node and listens. */
  async start(): Promise<void> {
    const log = await open(this.#log, 'a');
    const before = (await this.log()).length;
    try {
      const config = join(this.directory, 'grit.yaml');
      const args = [
        'agent',
        '--no-server',
        '--node',
        this.node.name,
        '--state-dir',
        this.directory,
        '--config',
        config,
      ];
      const [program = '', ...enter] = this.node.enter;
      this.#child = spawn(program, [...enter, process.execPath, GRIT, ...args], {
        cwd: this.directory,
        stdio: ['ignore', log.fd, log.fd],
      });
    } finally {
      await log.close();
    }
    await until(`the agent of ${this.node.name} is at work`, async () => {
      if (!this.isRunning) throw new Error(`the agent of ${this.node.name} ended: ${await this.logTail()}`);
      return (await this.log()).slice(before).includes('node at work');
    });
  }

  /** SIGKILL; returns when it is dead. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async log(): Promise<string> {
    return readFile(this.#log, 'utf8').catch(() => '');
  }

  async logTail(lines = 30): Promise<string> {
    return (await this.log()).trimEnd().split('\n').slice(-lines).join('\n');
  }

  get #log(): string {
    return join(this.directory, 'agent.log');
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
