// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ContainerChoice, ImageSource, Json, JsonObject, RestoreTarget, WorkloadRef } from '@grit/plugin-api';
import type { ClusterNode } from '../../cluster/index.js';

/** What the child is started with. */
export interface AgentSettings {
  readonly stateDirectory: string;
  /** Of the runtime plugin. */
  readonly config: JsonObject;
}

export type OrderName =
  'checkpoint' | 'prepareRestore' | 'restore' | 'abandonRestore' | 'startFresh' | 'refuse' | 'waiting';

/** One line to the child. */
export interface Order {
  readonly id: number;
  readonly order: OrderName;
  readonly args: readonly unknown[];
}

interface OrderResult {
  readonly id: number;
  readonly result?: Json;
  readonly error?: { readonly code: string; readonly message: string };
}

/** The pods' part of an agent as a process on its node, which may be killed and started again. */
export class PodAgent {
  readonly stateDirectory: string;
  #child: ChildProcess | undefined;
  #orders = 0;
  readonly #waiting = new Map<number, (result: OrderResult) => void>();

  constructor(
    private readonly node: ClusterNode,
    /** Of the runtime plugin, beside the places. */
    private readonly options: JsonObject = {},
  ) {
    this.stateDirectory = join(node.directory, 'pod-agent');
  }

  async start(): Promise<void> {
    mkdirSync(this.stateDirectory, { recursive: true });
    const settings: AgentSettings = {
      stateDirectory: this.stateDirectory,
      config: {
        containerd: this.node.containerdSocket,
        runDirectory: join(this.node.directory, 'grit-run'),
        wrapper: join(this.node.directory, 'runc-grit'),
        kubeletDirectory: join(this.node.directory, 'kubelet'),
        ...this.options,
      },
    };
    const log = openSync(join(this.stateDirectory, 'log'), 'a');
    const script = join(import.meta.dirname, 'pod-agent-child.ts');
    const [program = '', ...enter] = this.node.enter;
    const args = [
      ...enter,
      `--wd=${import.meta.dirname}`,
      process.execPath,
      '--import=tsx',
      script,
      JSON.stringify(settings),
    ];
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', log] });
    this.#child = child;
    child.once('exit', () => {
      for (const [id, settle] of this.#waiting) settle({ id, error: { code: 'KILLED', message: 'the agent is gone' } });
    });
    if (child.stdout === null) throw new Error('the agent has no stdout');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const result = JSON.parse(line) as OrderResult;
      this.#waiting.get(result.id)?.(result);
    });
    await this.#result(0);
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Dumps the pod into the directory; it stays frozen. */
  async checkpoint(
    workload: WorkloadRef,
    id: string,
    directory: string,
    containers?: ContainerChoice,
  ): Promise<ImageSource> {
    return (await this.#order('checkpoint', workload, id, directory, containers)) as unknown as ImageSource;
  }

  async prepareRestore(source: ImageSource, target: RestoreTarget): Promise<Json> {
    return this.#order('prepareRestore', source, target);
  }

  /** With the check. */
  async restore(source: ImageSource, target: RestoreTarget): Promise<Json> {
    return this.#order('restore', source, target);
  }

  async abandonRestore(target: RestoreTarget): Promise<Json> {
    return this.#order('abandonRestore', target);
  }

  async startFresh(workload: WorkloadRef): Promise<Json> {
    return this.#order('startFresh', workload);
  }

  async refuse(workload: WorkloadRef, message: string): Promise<Json> {
    return this.#order('refuse', workload, message);
  }

  async waiting(): Promise<readonly WorkloadRef[]> {
    return (await this.#order('waiting')) as unknown as readonly WorkloadRef[];
  }

  async #order(order: OrderName, ...args: readonly unknown[]): Promise<Json> {
    const id = ++this.#orders;
    const result = this.#result(id);
    this.#child?.stdin?.write(`${JSON.stringify({ id, order, args } satisfies Order)}\n`);
    return result;
  }

  async #result(id: number): Promise<Json> {
    const { result, error } = await new Promise<OrderResult>((resolve) => this.#waiting.set(id, resolve));
    this.#waiting.delete(id);
    if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
    return result ?? null;
  }
}
