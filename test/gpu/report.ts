// SPDX-License-Identifier: Apache-2.0

/** Thrown by a test that cannot run here; the message is the reason that is printed. */
export class Skip extends Error {}

/** How a test ended. */
export interface Outcome {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped; undefined when it passed. */
  readonly reason?: string;
}

/** No single test may take longer, whatever hangs, milliseconds. */
const PATIENCE_MS = 1_200_000;

/** Runs the tests one after another, prints and counts them. Of a simulated GPU, every line says that it is one. */
export class Report {
  readonly outcomes: Outcome[] = [];
  readonly #mark: string;

  constructor(simulated: boolean) {
    this.#mark = simulated ? '[simulated GPU] ' : '';
  }

  /** Prints text, line by line. */
  say(text: string): void {
    for (const line of text.split('\n')) process.stdout.write(`${this.#mark}${line}\n`);
  }

  /**
   * Runs one test. Its signal is aborted when its time is over; it also ends then if the body does not.
   * @param body resolves with a line about what it saw, or nothing
   */
  async test(name: string, body: (signal: AbortSignal) => Promise<string | undefined>): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error(`not over after ${PATIENCE_MS / 1000} s`)));
    });
    try {
      const seen = await Promise.race([body(signal), late]);
      this.#end({ name, outcome: 'passed' }, `✔ ${name}${seen === undefined ? '' : `: ${seen}`}`);
    } catch (error) {
      const reason = reasonOf(error);
      if (error instanceof Skip) this.skip([name], reason);
      else this.#end({ name, outcome: 'failed', reason }, `✘ ${name}: ${reason}`);
    }
  }

  /** Counts tests that cannot run here, all for one reason, in one line. */
  skip(names: readonly string[], reason: string): void {
    for (const name of names) this.outcomes.push({ name, outcome: 'skipped', reason });
    this.say(`- ${names.join(', ')}: skipped: ${reason}`);
  }

  count(outcome: Outcome['outcome']): number {
    return this.outcomes.filter((entry) => entry.outcome === outcome).length;
  }

  /** The last line. */
  sayTally(): void {
    this.say(`${this.count('passed')} passed, ${this.count('failed')} failed, ${this.count('skipped')} skipped`);
  }

  #end(outcome: Outcome, line: string): void {
    this.outcomes.push(outcome);
    this.say(line);
  }
}

/** The message of an error, what may help, and what caused it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = 'hint' in error && typeof error.hint === 'string' ? ` ${error.hint}` : '';
  const cause = error.cause === undefined ? '' : ` (${reasonOf(error.cause)})`;
  return `${error.message}${hint === '' ? '' : `:${hint}`}${cause}`;
}
