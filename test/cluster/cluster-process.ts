// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ClusterError } from './cluster-error.js';
import type { ClusterRecord } from './cluster-record.js';

/** The variable by which everything that a cluster starts is found, its grandchildren too. */
export const MARK = 'GRIT_CLUSTER_DIRECTORY';

/** How long a program may take to end when it is asked to, milliseconds. */
const GRACE_MS = 30_000;
const TAIL = 3_000;

export interface Program {
  /** Names the log file. */
  readonly name: string;
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** It is started again when it ends by itself, or when somebody else has ended it. */
  readonly comesBack?: boolean;
}

/** One program of a cluster: it dies with the process that started it, unless the cluster is nobody's. */
export class ClusterProcess {
  readonly log: string;
  #child: ChildProcess | undefined;
  #exit: Promise<unknown> = Promise.resolve();
  #wanted = false;

  constructor(
    private readonly record: ClusterRecord,
    private readonly program: Program,
  ) {
    this.log = join(record.directory, `${program.name}.log`);
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its process number; undefined when it does not run. */
  get pid(): number | undefined {
    return this.isRunning ? this.#child?.pid : undefined;
  }

  start(): void {
    if (this.isRunning) return;
    this.#wanted = true;
    const detached = this.record.owner === undefined;
    const command = [...(detached ? [] : ['setpriv', '--pdeathsig', 'KILL']), ...this.program.command];
    const log = openSync(this.log, 'a');
    try {
      const child = spawn(command[0]!, command.slice(1), {
        cwd: this.record.directory,
        detached: true,
        stdio: ['ignore', log, log],
        env: {
          PATH: process.env['PATH'],
          HOME: this.record.directory,
          [MARK]: this.record.directory,
          ...this.program.environment,
        },
      });
      this.#child = child;
      // Also when it cannot be started at all: then there is no exit.
      this.#exit = Promise.race([once(child, 'exit'), once(child, 'error')]);
      this.#exit.catch(() => undefined);
      if (this.program.comesBack === true) child.once('exit', () => this.#wanted && this.start());
      child.unref();
    } finally {
      closeSync(log);
    }
  }

  /** From now on it does not come back. */
  letEnd(): void {
    this.#wanted = false;
  }

  /** Asks it to end, insists after a while, and waits until it has. */
  async stop(): Promise<void> {
    this.#wanted = false;
    if (!this.isRunning) return;
    const insisting = setTimeout(() => this.#child?.kill('SIGKILL'), GRACE_MS);
    this.#child?.ref();
    this.#child?.kill('SIGTERM');
    await this.#exit;
    clearTimeout(insisting);
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.#wanted = false;
    if (!this.isRunning) return;
    this.#child?.ref();
    this.#child?.kill('SIGKILL');
    await this.#exit;
  }

  /** Throws ClusterError with the end of its log when it has ended by itself. */
  checkRunning(): void {
    if (this.isRunning) return;
    throw new ClusterError(`${this.program.name} has ended:\n${readFileSync(this.log, 'utf8').slice(-TAIL)}`);
  }
}
