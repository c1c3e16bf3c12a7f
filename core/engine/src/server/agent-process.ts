// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identify, isAlive, readLiving, writeIdentity, type ProcessIdentity } from '@grit/queue';
import type { Logger } from '@grit/plugin-api';
import type { StatePaths } from './state-paths.js';

const SUPERVISION_MS = 500;
const STOP_TIMEOUT_MS = 10_000;

/**
 * The agent of the server's own node, in a process of its own: it outlives the server, is adopted by the next one,
 * and is started again when it dies.
 */
export class AgentProcess {
  readonly #ended = new AbortController();
  #supervising: Promise<void> = Promise.resolve();

  constructor(
    private readonly paths: StatePaths,
    private readonly node: string,
    /** Program and arguments. */
    private readonly command: readonly [string, ...string[]],
    private readonly logger: Logger,
  ) {}

  async start(): Promise<void> {
    const living = await readLiving(this.#pidFile);
    this.#supervising = this.#supervise(living ?? (await this.#spawn()));
  }

  /** Ends the supervision and, when asked to, the agent. */
  async stop(options: { readonly agentToo: boolean }): Promise<void> {
    this.#ended.abort();
    await this.#supervising;
    const living = options.agentToo ? await readLiving(this.#pidFile) : undefined;
    if (living === undefined) return;
    process.kill(living.pid, 'SIGTERM');
    const deadline = Date.now() + STOP_TIMEOUT_MS;
    while (await isAlive(living)) {
      if (Date.now() > deadline) process.kill(living.pid, 'SIGKILL');
      await delay(20);
    }
  }

  get #pidFile(): string {
    return this.paths.pidFile(`agent-${this.node}`);
  }

  async #supervise(first: ProcessIdentity): Promise<void> {
    let agent = first;
    const { signal } = this.#ended;
    while (await delay(SUPERVISION_MS, true, { signal, ref: false }).catch(() => false)) {
      if (await isAlive(agent)) continue;
      this.logger.warn('agent died, starting it again', { node: this.node });
      agent = await this.#spawn();
    }
  }

  async #spawn(): Promise<ProcessIdentity> {
    const log = join(this.paths.logs, `agent-${this.node}.log`);
    await mkdir(dirname(log), { recursive: true, mode: 0o700 });
    const file = await open(log, 'a', 0o600);
    try {
      const [program, ...args] = this.command;
      const child = spawn(program, args, { detached: true, stdio: ['ignore', file.fd, file.fd] });
      await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
      child.unref();
      const identity = (await identify(child.pid ?? 0)) ?? { pid: child.pid ?? 0, startTime: '' };
      await writeIdentity(this.#pidFile, identity);
      return identity;
    } finally {
      await file.close();
    }
  }
}
