// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isAlive } from './process-state.js';
import { until } from './until.js';

/**
 * A workload: a process of the host in a session of its own, with its output in a file and nothing of ours open, so that CRIU
 * can dump it as it is. CRIU restores it under the same pid; it is then nobody's child.
 */
export class Job {
  private constructor(
    readonly pid: number,
    readonly outputFile: string,
  ) {}

  /** Starts it. @throws Error when the program is not there */
  static start(command: readonly string[], outputFile: string, env: NodeJS.ProcessEnv): Job {
    const [program = '', ...args] = command;
    const output = openSync(outputFile, 'w');
    try {
      const child = spawn(program, args, { stdio: ['ignore', output, output], env, cwd: '/', detached: true });
      child.once('error', () => undefined);
      if (child.pid === undefined) throw new Error(`${program} cannot be started`);
      return new Job(child.pid, outputFile);
    } finally {
      closeSync(output);
    }
  }

  async output(): Promise<string> {
    return await readFile(this.outputFile, 'utf8');
  }

  /** Complete lines so far that begin with a word. */
  async lines(word: string): Promise<string[]> {
    const text = await this.output();
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter((line) => line.startsWith(`${word} `));
  }

  /** Waits for the `count`th line that begins with a word. @throws Error with its last words when it ends before */
  async untilLines(word: string, count: number, signal: AbortSignal): Promise<string[]> {
    return await until(async () => {
      const alive = await this.isAlive();
      const lines = await this.lines(word);
      if (lines.length >= count) return lines;
      if (!alive) throw new Error(`the workload ended: ${(await this.output()).trim().slice(-500) || 'no output'}`);
      return undefined;
    }, signal);
  }

  async isAlive(): Promise<boolean> {
    return await isAlive(this.pid);
  }

  async untilGone(signal: AbortSignal): Promise<void> {
    await until(async () => !(await this.isAlive()), signal);
  }

  /** Ends it hard, and whatever it has started. */
  kill(): void {
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
