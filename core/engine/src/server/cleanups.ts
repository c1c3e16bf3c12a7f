// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';

/** `all`: what outlives the process is ended too. */
type Cleanup = (all: boolean) => unknown;

/** What was started, to be ended in reverse order, each whether or not the others fail. */
export class Cleanups {
  readonly #list: Cleanup[] = [];

  add(cleanup: Cleanup): void {
    this.#list.push(cleanup);
  }

  async run(all: boolean, logger?: Logger): Promise<void> {
    for (const cleanup of this.#list.splice(0).reverse()) {
      try {
        await cleanup(all);
      } catch (error) {
        logger?.warn('something did not end well', { reason: error instanceof Error ? error.message : String(error) });
      }
    }
  }
}
