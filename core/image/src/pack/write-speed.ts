// SPDX-License-Identifier: Apache-2.0

/** A thread that writes slower than this waits for the disk more than for the codec, in bytes per millisecond. */
const SLOW = 250_000;

/** How much the last write counts. */
const WEIGHT = 0.25;

/** How fast the writes of this thread are: what decides whether fewer bytes or less work is the shorter way. */
export class WriteSpeed {
  #bytesPerMs = Infinity;

  /** True while the disk is what everybody waits for. */
  get slow(): boolean {
    return this.#bytesPerMs < SLOW;
  }

  add(bytes: number, ms: number): void {
    const speed = bytes / Math.max(ms, 0.001);
    this.#bytesPerMs = this.#bytesPerMs === Infinity ? speed : this.#bytesPerMs * (1 - WEIGHT) + speed * WEIGHT;
  }
}
