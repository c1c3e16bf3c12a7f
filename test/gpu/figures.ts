// SPDX-License-Identifier: Apache-2.0

/** The numbers of the rounds, by the name of the figure. */
export class Figures {
  readonly #samples = new Map<string, number[]>();

  /** Milliseconds of one round. */
  add(name: string, milliseconds: number): void {
    const samples = this.#samples.get(name) ?? [];
    samples.push(milliseconds);
    this.#samples.set(name, samples);
  }

  get(name: string): readonly number[] {
    return this.#samples.get(name) ?? [];
  }

  names(): string[] {
    return [...this.#samples.keys()].sort();
  }
}

/** Runs a step and gives its time, milliseconds. */
export async function timed(step: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await step();
  return performance.now() - start;
}
