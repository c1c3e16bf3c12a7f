// SPDX-License-Identifier: Apache-2.0
import { setImmediate as macrotask } from 'node:timers/promises';
import { GritError } from '@grit/plugin-api';
import type { BucketRequest, Gate } from '../memory-objects.js';
import type { Random } from './random.js';

interface Waiting {
  readonly process: Process;
  readonly request: BucketRequest;
  readonly happen: () => void;
  readonly fail: (error: Error) => void;
}

/** A process that makes requests. Once it is dead none of them is answered. */
export interface Process {
  readonly name: string;
  dead: boolean;
}

/** Requests of several processes happen one at a time, in an order that chance decides; some fail, some end their process. */
export class Turns {
  readonly #waiting: Waiting[] = [];
  readonly #ranks = new Map<Process, number>();
  /** What happened, for the message of a failure. */
  readonly log: string[] = [];

  constructor(
    readonly random: Random,
    readonly percent: { readonly crash: number; readonly fail: number; readonly stop: number },
    readonly afterEach: (request: BucketRequest) => void,
  ) {}

  gateOf(process: Process): Gate {
    return <T>(request: BucketRequest, apply: () => T): Promise<T> => {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const happen = (): void => {
        try {
          resolve(apply());
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.push({ process, request, happen, fail: reject });
      return promise;
    };
  }

  /** Until no process waits for anything. */
  async run(): Promise<void> {
    for (;;) {
      await macrotask();
      if (this.#waiting.length === 0) return;
      this.#turn(this.#next());
    }
  }

  /**
   * One process goes on until chance stops it, while the others stand still in the middle of what they do: bugs need somebody who sleeps
   * through a lot, which does not happen where everybody goes on at the same pace.
   */
  #next(): Waiting {
    const rankOf = ({ process }: Waiting): number => this.#ranks.get(process) ?? 0;
    for (const { process } of this.#waiting) {
      if (!this.#ranks.has(process)) this.#ranks.set(process, this.random.below(1_000_000));
    }
    const first = this.#waiting.reduce((most, each) => (rankOf(each) > rankOf(most) ? each : most));
    if (this.random.chance(this.percent.stop)) this.#ranks.set(first.process, this.random.below(1_000_000));
    this.#waiting.splice(this.#waiting.indexOf(first), 1);
    return first;
  }

  #turn({ process, request, happen, fail }: Waiting): void {
    if (process.dead) return;
    const what = `${process.name}: ${request.does} ${request.key}`;
    if (this.random.chance(this.percent.crash)) {
      process.dead = true;
      // The service may have done it all the same.
      const done = this.random.chance(50);
      this.log.push(`${what} †${done ? ' done' : ''}`);
      if (!done) return;
      happen();
    } else if (this.random.chance(this.percent.fail)) {
      this.log.push(`${what} failed`);
      fail(new GritError('GRIT_STORAGE_UNAVAILABLE', 'the request failed'));
      return;
    } else {
      this.log.push(what);
      happen();
    }
    this.afterEach(request);
  }
}
