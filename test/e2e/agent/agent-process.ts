// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../integration/machine/until.js';
import { journalOf } from './agent-files.js';

const COMMAND = join(import.meta.dirname, 'agent-command.ts');

/** The agent of a node in a process of its own, which can be killed. */
export class AgentProcess {
  readonly #child: ChildProcess;
  #errors = '';

  constructor(
    private readonly directory: string,
    node: string,
    kubeconfig: string,
    redis: string,
  ) {
    const args = ['--import', 'tsx', COMMAND, node, kubeconfig, redis, directory];
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Stands still, as on a machine that swaps. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  resume(): void {
    this.#child.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** Waits until it has noted this. */
  async noted(what: string): Promise<void> {
    await until(`agent ${this.pid} has noted ${what}`, async () => {
      if (this.#child.exitCode !== null) throw new Error(`the agent ended: ${this.#errors}`);
      return (await journal(this.directory)).includes(`${what} ${this.pid}`);
    });
  }
}

/** Lines of the journal. */
export async function journal(directory: string): Promise<readonly string[]> {
  const text = await readFile(journalOf(directory), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}
