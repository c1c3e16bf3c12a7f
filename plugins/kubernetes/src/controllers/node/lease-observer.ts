// SPDX-License-Identifier: Apache-2.0
import type { Lease } from '../../api/core-kinds.js';

/** How long ago something changed, as seen from here. */
interface Seen {
  readonly word: string;
  readonly at: number;
  /** False for what was there when the watch began: it may be old. */
  readonly changed: boolean;
}

/** Whether the holder of a Lease lives, and until when that is believed. */
export interface LeaseState {
  readonly alive: boolean;
  /** False while nothing but its first sight is known: then what was believed before should hold. */
  readonly sure: boolean;
  /** Milliseconds until it counts as expired unless it is renewed. */
  readonly leftMs: number;
}

/**
 * Judges Leases by when they were seen to change, on the clock of this process: the times in them come from other machines, whose clocks
 * may be wrong.
 */
export class LeaseObserver {
  readonly #seen = new Map<string, Seen>();

  constructor(
    /** Monotonic, milliseconds. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Takes a version of a Lease. */
  see(lease: Lease): void {
    const { name } = lease.metadata;
    const { holderIdentity = '', renewTime = '' } = lease.spec ?? {};
    const word = `${holderIdentity} ${renewTime}`;
    const before = this.#seen.get(name);
    if (before?.word === word) return;
    this.#seen.set(name, { word, at: this.now(), changed: before !== undefined });
  }

  forget(name: string): void {
    this.#seen.delete(name);
  }

  /** Undefined when there is no such Lease. */
  state(name: string, leaseSeconds: number): LeaseState | undefined {
    const seen = this.#seen.get(name);
    if (seen === undefined) return undefined;
    const leftMs = Math.max(seen.at + leaseSeconds * 1000 - this.now(), 0);
    return { alive: leftMs > 0, sure: seen.changed || leftMs === 0, leftMs };
  }
}
