// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { until } from '../../integration/machine/until.js';

const CHILD = join(import.meta.dirname, 'elector-child.ts');
const PATIENCE_MS = 120_000;

/** How a process stands for the lead. */
export interface Standing {
  readonly name: string;
  /** Name of the Lease. */
  readonly lease: string;
  /** Kubeconfig for the Lease. */
  readonly road: string;
  /** Kubeconfig for what the leader does. */
  readonly direct: string;
  readonly times: { readonly leaseDurationMs: number; readonly renewDeadlineMs: number; readonly retryMs: number };
}

/** A process of its own that stands for the lead. */
export class Elector {
  readonly #child: ChildProcess;
  #said = '';

  constructor(readonly standing: Standing) {
    const args = ['--disable-warning=ExperimentalWarning', '--import=tsx', CHILD, JSON.stringify(standing)];
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout?.on('data', (data: Buffer) => (this.#said += data.toString()));
  }

  /** Waits until it has begun to lead, or has ended its work, at all. */
  async until(what: 'leads' | 'stops'): Promise<void> {
    await until(
      `${this.standing.name} ${what}`,
      () => {
        if (this.#child.exitCode !== null && !this.#said.includes(what)) throw new Error('it has ended');
        return Promise.resolve(this.#said.includes(what));
      },
      PATIENCE_MS,
    );
  }

  get hasLed(): boolean {
    return this.#said.includes('leads');
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    await ended;
  }
}
