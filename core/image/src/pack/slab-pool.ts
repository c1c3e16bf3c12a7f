// SPDX-License-Identifier: Apache-2.0
import type { PackControl } from './pack-control.js';
import type { PackLimits } from './pack-limits.js';
import type { PackThreads } from './pack-threads.js';

/** When so much of the memory is in work, the dump is waiting for us. */
const BUSY_SHARE = 0.75;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** The slabs of one packer: no more than its limit, so that whoever fills them has to wait for the threads. */
export class SlabPool {
  #taken = 0;
  #waiters: Waiter[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(
    readonly limits: Pick<PackLimits, 'slabs' | 'slabBytes'>,
    readonly threads: PackThreads,
    readonly control: PackControl,
  ) {}

  /** A slab with anything in it; undefined when all are in use, or the packer has failed. */
  take(): ArrayBuffer | undefined {
    if (this.#failure !== undefined || this.#taken >= this.limits.slabs) return undefined;
    this.#changed(1);
    return this.threads.takeSlab(this.limits.slabBytes);
  }

  giveBack(slab: ArrayBuffer): void {
    this.threads.keepSlab(slab);
    this.lose();
  }

  /** A slab will not come back. */
  lose(): void {
    this.#changed(-1);
    for (const { resolve } of this.#waiters.splice(0)) resolve();
  }

  /** Resolves when a slab can be taken; throws why it never can. */
  async ready(): Promise<void> {
    while (this.#failure === undefined && this.#taken >= this.limits.slabs) {
      await new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
    }
    this.check();
  }

  /** Throws why nothing is given out any more, if so. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Nothing is given out any more. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }

  #changed(by: number): void {
    this.#taken += by;
    this.control.busy = this.#taken >= this.limits.slabs * BUSY_SHARE;
  }
}
