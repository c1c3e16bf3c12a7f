// SPDX-License-Identifier: Apache-2.0
import { syncFile } from './durable.js';

/** A file that waits to be durable. */
interface Waiting {
  readonly name: string;
  readonly path: string;
}

/**
 * Makes files durable one after the other while others are still written: flushes that compete for one journal make each other
 * slower, and at the commit little is left to do.
 */
export class FlushQueue {
  readonly #waiting: Waiting[] = [];
  #running: Promise<void> | undefined;
  #failure: { readonly name: string; readonly error: unknown } | undefined;

  add(file: Waiting): void {
    this.#waiting.push(file);
    this.#running ??= this.#run();
  }

  /** Waits until all are durable; gives the first that is not. */
  async drained(): Promise<{ readonly name: string; readonly error: unknown } | undefined> {
    await this.#running;
    return this.#failure;
  }

  /** Forgets those that were not begun, and waits for the one in hand. */
  async stop(): Promise<void> {
    this.#waiting.length = 0;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let file = this.#waiting.shift(); file !== undefined; file = this.#waiting.shift()) {
      try {
        await syncFile(file.path);
      } catch (error) {
        this.#failure ??= { name: file.name, error };
      }
    }
    this.#running = undefined;
  }
}
