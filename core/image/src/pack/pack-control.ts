// SPDX-License-Identifier: Apache-2.0

const WORDS = 3;
const STOPPED = 0;
const BUSY = 1;
const NUMBER = 2;

/** What the threads of one packer share beside the index: a few words. */
export class PackControl {
  readonly #words: Int32Array;

  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(WORDS * 4)) {
    this.#words = new Int32Array(memory);
  }

  /** Set when nobody wants the result any more: threads end what they do at once. */
  get stopped(): boolean {
    return Atomics.load(this.#words, STOPPED) !== 0;
  }

  stop(): void {
    Atomics.store(this.#words, STOPPED, 1);
  }

  /** Whether pages wait for the threads: then only what gains much is compressed. */
  get busy(): boolean {
    return Atomics.load(this.#words, BUSY) !== 0;
  }

  set busy(busy: boolean) {
    Atomics.store(this.#words, BUSY, busy ? 1 : 0);
  }

  /** A number for a pack that no other one of this packer has. */
  nextNumber(): number {
    return Atomics.add(this.#words, NUMBER, 1);
  }
}
