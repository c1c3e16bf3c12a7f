// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The program behind `grit`. */
export const GRIT = join(ROOT, 'core', 'cli', 'bin', 'grit.js');

/** A `grit` that runs until it is ended, with its files and its log in a folder of its own. */
export abstract class GritProcess {
  #child: ChildProcess | undefined;

  protected constructor(
    readonly directory: string,
    private readonly logName: string,
  ) {}

  /** Returns when it is at work. */
  abstract start(): Promise<void>;

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** SIGKILL; returns when it is dead. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM: a clean end. */
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

  /** Begins it; what it says is added to the log. */
  protected async spawn(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
    const [program = '', ...args] = command;
    const log = await open(this.#log, 'a');
    try {
      this.#child = spawn(program, args, {
        cwd: this.directory,
        stdio: ['ignore', log.fd, log.fd],
        env: { ...process.env, ...env },
      });
    } finally {
      await log.close();
    }
  }

  get #log(): string {
    return join(this.directory, this.logName);
  }

  async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
