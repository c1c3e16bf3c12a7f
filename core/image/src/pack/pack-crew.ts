// SPDX-License-Identifier: Apache-2.0
import type { PackThreads, Seat } from './pack-threads.js';
import type { PackRequest, PackSetup, PackWork } from './pack-request.js';

/** Something that a thread is to do. */
export interface CrewTask {
  readonly crew: PackCrew;
  readonly work: PackWork;
  readonly transfer: readonly ArrayBuffer[];
  readonly urgent: boolean;
  readonly resolve: (reply: never) => void;
  readonly reject: (error: unknown) => void;
}

/** The threads as one packer sees them. */
export class PackCrew {
  #ended: { readonly error: unknown } | undefined;

  constructor(
    readonly threads: PackThreads,
    readonly number: number,
    readonly setup: PackSetup,
  ) {}

  /** Has the work done by whichever thread is free. Errors: those of the thread; GRIT_INTERNAL when it died. */
  run<Reply>(
    work: PackWork,
    { transfer = [], urgent = false }: { transfer?: readonly ArrayBuffer[]; urgent?: boolean } = {},
  ): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended.error;
      this.threads.submit({ crew: this, work, transfer, urgent, resolve, reject });
    });
  }

  /** Begins all its threads, instead of each with its first work. Errors: GRIT_INTERNAL when one died. */
  async begin(): Promise<void> {
    const begun = this.threads.seats(this.setup.limits.threads).map(async ({ thread, crews }) => {
      if (crews.has(this)) return;
      crews.add(this);
      await thread.call(this.#request({ kind: 'begin', setup: this.setup }));
    });
    await Promise.all(begun);
  }

  /** Has the work done by every thread that did some for this packer. Waits for all; the first error counts. */
  async everywhere<Reply>(work: PackWork): Promise<Reply[]> {
    const calls = this.threads.seatsOf(this).map(({ thread }) => thread.call<Reply>(this.#request(work)));
    await Promise.allSettled(calls);
    return Promise.all(calls);
  }

  /** Fails what no thread has begun, and all that is asked for after. */
  cancel(error: unknown): void {
    this.#ended ??= { error };
    for (const { reject } of this.threads.withdraw(this)) reject(error);
  }

  /** Ends the work of the threads for this packer, when nothing is under way any more. An unfinished pack is removed. */
  async leave(): Promise<void> {
    try {
      await this.everywhere({ kind: 'leave' });
    } finally {
      this.threads.leave(this);
    }
  }

  /** For the threads: does a task on one of them. Never fails. */
  async perform({ work, transfer, resolve, reject }: CrewTask, { thread, crews }: Seat): Promise<void> {
    try {
      const begun = crews.has(this) ? undefined : thread.call(this.#request({ kind: 'begin', setup: this.setup }));
      crews.add(this);
      const done = thread.call<never>(this.#request(work), transfer);
      await Promise.allSettled([begun, done]);
      await begun;
      resolve(await done);
    } catch (error) {
      reject(error);
    }
  }

  #request(work: PackWork): PackRequest {
    return { ...work, packer: this.number };
  }
}
