// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type {
  HeldCheckpoint,
  Hold,
  NodeFacts,
  PartSource,
  PreflightReport,
  ReleaseMode,
  WorkloadRef,
} from '@grit/plugin-api';
import type { ClusterNode } from '../../cluster/index.js';

export type CallName = 'probe' | 'rootOf' | 'preflight' | 'checkpoint' | 'release' | 'holds';

/** What the child is started with. */
export interface DriverSettings {
  /** A directory in that of the node. */
  readonly directory: string;
  readonly containerd: string;
  readonly runc: string;
}

/** One line to the child; one comes back for each. */
export interface Call {
  readonly call: CallName;
  readonly args: readonly unknown[];
}

/** A finished dump and its files. */
export interface PodDump {
  readonly held: HeldCheckpoint;
  readonly parts: readonly PartSource[];
}

interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  /** Its results. */
  readonly lines: AsyncIterator<string>;
}

/** The driver of a node in a process of its own there, which may be killed: the next call starts it anew. One call at a time. */
export class CheckpointDriver {
  readonly directory: string;
  #child: Child | undefined;

  constructor(
    private readonly node: ClusterNode,
    private readonly runc: string,
  ) {
    this.directory = join(node.directory, 'checkpoints');
    mkdirSync(this.directory, { recursive: true });
  }

  async probe(): Promise<NodeFacts> {
    return this.#call('probe', []);
  }

  async rootOf(workload: WorkloadRef): Promise<string> {
    return this.#call('rootOf', [workload]);
  }

  async preflight(workload: WorkloadRef): Promise<PreflightReport> {
    return this.#call('preflight', [workload]);
  }

  async checkpoint(workload: WorkloadRef, checkpoint: string): Promise<PodDump> {
    return this.#call('checkpoint', [workload, checkpoint]);
  }

  async release(hold: Hold, mode: ReleaseMode): Promise<void> {
    await this.#call('release', [hold, mode]);
  }

  async holds(): Promise<readonly Hold[]> {
    return this.#call('holds', []);
  }

  /** As a crash would; a call that goes on is rejected with the code KILLED. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const ended = once(child.process, 'close');
    child.process.kill('SIGKILL');
    await ended;
  }

  async #call<T>(call: CallName, args: readonly unknown[]): Promise<T> {
    const child = (this.#child ??= this.#start());
    child.process.stdin.write(`${JSON.stringify({ call, args } satisfies Call)}\n`);
    const { value: output, done } = await child.lines.next();
    if (done === true) throw Object.assign(new Error(`${call} ended without a result`), { code: 'KILLED' });
    const { result, error } = JSON.parse(output) as { result: T; error?: { code: string; message: string } };
    if (error !== undefined) throw Object.assign(new Error(error.message), { code: error.code });
    return result;
  }

  #start(): Child {
    const settings: DriverSettings = {
      directory: this.directory,
      containerd: this.node.containerdSocket,
      runc: this.runc,
    };
    const [program = '', ...enter] = this.node.enter;
    const script = join(import.meta.dirname, 'checkpoint-driver-child.ts');
    const node = [process.execPath, '--import=tsx', script, JSON.stringify(settings)];
    // nsenter becomes the program: a signal to it is one to the driver.
    const child = spawn(program, [...enter, `--wd=${import.meta.dirname}`, ...node], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return { process: child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  }
}
