// SPDX-License-Identifier: Apache-2.0
import type { DeviceUse } from '@grit/plugin-api';
import { isAlive, isFinal, lost } from './process-state.js';

/** A process that cannot go on, and why. */
interface Loss {
  readonly use: DeviceUse;
  readonly why: string;
  readonly cause: unknown;
}

/** Gathers what fails, process by process, so that all the others are tried. */
export class Losses {
  readonly #losses: Loss[] = [];

  constructor(private readonly signal: AbortSignal) {}

  has({ pid }: DeviceUse): boolean {
    return this.#losses.some(({ use }) => use.pid === pid);
  }

  /** One that has ended in the meantime needs nothing. Errors: only when the caller has given up. */
  async unless(use: DeviceUse, step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (cause) {
      if (this.signal.aborted) throw cause;
      if (await isAlive(use)) this.#add(use, (cause as Error).message, cause);
    }
  }

  /** Of a restore: what ended in the middle of it has not come back. */
  async addIfEnded(use: DeviceUse): Promise<void> {
    if (!(await isAlive(use))) this.#add(use, 'it ended while its GPU was being restored');
  }

  /** Errors: what may be tried again, as it is, before the rest is given up; else GRIT_DEVICE_LOST naming all of them. */
  throwIfAny(): void {
    const retryable = this.#losses.find(({ cause }) => cause !== undefined && !isFinal(cause));
    if (retryable !== undefined) throw retryable.cause;
    const [first] = this.#losses;
    if (first === undefined) return;
    throw lost(
      this.#losses.map(({ use }) => use),
      first.why,
      first.cause,
    );
  }

  #add(use: DeviceUse, why: string, cause?: unknown): void {
    this.#losses.push({ use, why, cause });
  }
}
