// SPDX-License-Identifier: Apache-2.0
import { setImmediate } from 'node:timers/promises';

/** Rows that are worked on before other work of the process has its turn: some milliseconds. */
export const TURN_ROWS = 16 * 1024;

/** Long work on rows in short turns: heartbeats and leases of the process must live beside it. */
export class Turns {
  #since = 0;

  /** Tells of work on so many rows; lets others work when it was enough. */
  async after(rows: number): Promise<void> {
    this.#since += rows;
    if (this.#since < TURN_ROWS) return;
    this.#since = 0;
    await setImmediate();
  }
}
