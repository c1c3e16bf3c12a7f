// SPDX-License-Identifier: Apache-2.0
import { AsyncLocalStorage } from 'node:async_hooks';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

/** The calls that change names in a file system, or come before bytes change. */
const STEPS = ['mkdir', 'rename', 'link', 'rm', 'open'] as const;

/**
 * A call that stops for ever before its n-th step in the file system, as if its process had been killed there; or until `resume`, as
 * if it had only been very slow.
 */
export class StoppedCall {
  readonly #wanted: number;
  #steps = 0;
  #running = 0;
  readonly #open = Promise.withResolvers<undefined>();
  readonly #reached = Promise.withResolvers<undefined>();
  readonly outcome: Promise<unknown>;

  constructor(step: number, call: () => Promise<void>) {
    this.#wanted = step;
    this.outcome = callers.run(this, call).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  /** True when it has stopped, false when it has come to its end before. */
  async stopped(): Promise<boolean> {
    return Promise.race([this.#reached.promise.then(() => true), this.outcome.then(() => false)]);
  }

  /** Lets it go on; gives the error that it ends with. */
  async resume(): Promise<unknown> {
    this.#open.resolve(undefined);
    return this.outcome;
  }

  async step<T>(make: () => Promise<T>): Promise<T> {
    if (++this.#steps >= this.#wanted) {
      this.#note();
      await this.#open.promise;
    }
    this.#running++;
    try {
      return await make();
    } finally {
      this.#running--;
      this.#note();
    }
  }

  /** Others may still be in the middle of a step that they had begun. */
  #note(): void {
    if (this.#steps >= this.#wanted && this.#running === 0) this.#reached.resolve(undefined);
  }
}

const callers = new AsyncLocalStorage<StoppedCall>();

/** Puts the steps under control; undone by the function that it returns. */
export function controlSteps(): () => void {
  type Step = (...args: readonly unknown[]) => Promise<unknown>;
  const functions = promises as unknown as Record<string, Step>;
  const originals = STEPS.map((name) => [name, functions[name]!] as const);
  for (const [name, original] of originals) {
    functions[name] = (...args) => {
      const caller = callers.getStore();
      return caller ? caller.step(() => original(...args)) : original(...args);
    };
  }
  syncBuiltinESMExports();
  return () => {
    for (const [name, original] of originals) functions[name] = original;
    syncBuiltinESMExports();
  };
}
