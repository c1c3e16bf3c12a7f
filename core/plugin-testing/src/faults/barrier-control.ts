// SPDX-License-Identifier: Apache-2.0
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GritError } from '@grit/plugin-api';
import type { Fault } from './fault.js';

const POLL_MS = 5;
const DEFAULT_WAIT_MS = 20_000;

/** The test's side of {@link withBarriers} and of the fault plugins: puts barriers and faults into the directory. */
export class Barriers {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Stops the next process that comes to the point: `checkpoint.after`. */
  async set(point: string): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    await rm(this.#path(`${point}.reached`), { force: true });
    await writeFile(this.#path(point), '');
  }

  /** The pid of the process that waits at the point. Throws GRIT_TIMEOUT. */
  async untilReached(point: string, withinMs = DEFAULT_WAIT_MS): Promise<number> {
    const end = performance.now() + withinMs;
    while (performance.now() < end) {
      const text = await readFile(this.#path(`${point}.reached`), 'utf8').catch(() => '');
      if (text !== '') return Number(text);
      await delay(POLL_MS);
    }
    throw new GritError('GRIT_TIMEOUT', `nothing came to ${point} within ${withinMs} ms`);
  }

  /** Lets everything pass again. */
  async lift(point: string): Promise<void> {
    await rm(this.#path(point), { force: true });
    await rm(this.#path(`${point}.reached`), { force: true });
  }

  /** Plants a fault for processes that run the fault plugins, from their next call on. */
  async plant(fault: Fault): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const path = this.#path(`${fault.at}.fault`);
    await writeFile(path, JSON.stringify(fault));
  }

  /** Takes a fault away. */
  async clear(at: Fault['at']): Promise<void> {
    await rm(this.#path(`${at}.fault`), { force: true });
  }

  #path(name: string): string {
    return join(this.directory, name);
  }
}
