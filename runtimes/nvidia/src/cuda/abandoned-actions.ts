// SPDX-License-Identifier: Apache-2.0
import { unlessAborted } from './within.js';

/**
 * Actions on a process whose caller has given up. The driver cannot be told to stop, and to kill what waits for it leaves a process that nobody knows
 * the state of. So they go on to their end or to their limit, and the next call for the process waits until then: it sees what they have left.
 */
export class AbandonedActions {
  readonly #byPid = new Map<number, Promise<unknown>>();

  /** Waits until no abandoned action is under way for the process. Errors: GRIT_ABORTED. */
  async settled(pid: number, signal: AbortSignal): Promise<void> {
    await unlessAborted(Promise.resolve(), signal);
    for (let left = this.#byPid.get(pid); left !== undefined; left = this.#byPid.get(pid)) {
      await unlessAborted(left, signal);
    }
  }

  /** Runs an action when the process is free of abandoned ones. Errors: those of the action; GRIT_ABORTED, at once. */
  async run<T>(pid: number, signal: AbortSignal, action: () => Promise<T>): Promise<T> {
    await this.settled(pid, signal);
    const running = action();
    try {
      return await unlessAborted(running, signal);
    } catch (error) {
      if (signal.aborted) this.#leave(pid, running);
      throw error;
    }
  }

  #leave(pid: number, action: Promise<unknown>): void {
    const left = Promise.allSettled([this.#byPid.get(pid), action]);
    this.#byPid.set(pid, left);
    void left.then(() => {
      if (this.#byPid.get(pid) === left) this.#byPid.delete(pid);
    });
  }
}
