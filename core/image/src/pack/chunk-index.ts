// SPDX-License-Identifier: Apache-2.0

// A slot has 14 words: state, seen, hash (8), pack, offset, stored, data.
const SLOT_WORDS = 14;
const SLOT_BYTES = SLOT_WORDS * 4;
const SEEN = 1;
const HASH = 2;
const HASH_WORDS = 8;
const PACK = 10;
const OFFSET = 11;
const STORED = 12;
const DATA = 13;

// States of a slot; the last is only the lowest: codec and check are added to it.
const EMPTY = 0;
const CLAIMED = 1;
const FILLED = 2;
const CHECK_SHIFT = 4;

/** Before the slots: how many are filled, and how many may be. */
const HEADER_WORDS = 2;
const COUNT = 0;
const LIMIT = 1;

/** Milliseconds that a slot which another thread is filling is waited for: far longer than the few stores take, even without a processor. */
const WAITS = 1000;

/** Where a chunk is; the fields of {@link ChunkIndex} after a search. */
export interface ChunkPlace {
  readonly pack: number;
  readonly offset: number;
  readonly stored: number;
  readonly codec: number;
  readonly check: number;
}

/**
 * The chunks that are in a pack already, by hash: an open-addressing table in shared memory, which several threads search and fill at the
 * same time without locks. A slot is claimed by one thread, filled, and then published; it never changes after. When so many chunks are
 * remembered as it was made for, further ones are not.
 *
 * A search leaves its result in the fields of this object, so that nothing is allocated for a chunk.
 */
export class ChunkIndex implements ChunkPlace {
  pack = 0;
  offset = 0;
  stored = 0;
  codec = 0;
  check = 0;
  readonly #words: Int32Array;
  readonly #slots: number;
  #slot = -1;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    this.#slots = Math.floor((this.#words.length - HEADER_WORDS) / SLOT_WORDS);
  }

  /** Bytes of an index of at most so many chunks. An eighth of the slots stays empty, which keeps searches short. */
  static bytes(entries: number): number {
    return HEADER_WORDS * 4 + Math.max(8, Math.ceil((entries * 8) / 7)) * SLOT_BYTES;
  }

  /** Memory for an index of at most so many chunks. */
  static allocate(entries: number): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(ChunkIndex.bytes(entries));
    new Int32Array(memory)[LIMIT] = entries;
    return memory;
  }

  /** Forgets everything. Nobody else may use the memory meanwhile. */
  static clear(memory: SharedArrayBuffer): void {
    const words = new Int32Array(memory);
    words.fill(0, HEADER_WORDS);
    words[COUNT] = 0;
  }

  /** Chunks that are remembered. */
  get count(): number {
    return Atomics.load(this.#words, COUNT);
  }

  /** Looks for a chunk by hash and size of its data. */
  find(hash: Buffer, data: number): boolean {
    let slot = this.#home(hash);
    for (let looked = 0; looked < this.#slots; looked++) {
      const at = HEADER_WORDS + slot * SLOT_WORDS;
      const state = this.#settled(at);
      if (state === EMPTY) break;
      if (state >= FILLED && this.#isAt(at, hash, data)) {
        this.#take(at, state);
        return true;
      }
      slot = slot + 1 === this.#slots ? 0 : slot + 1;
    }
    this.#slot = -1;
    return false;
  }

  /**
   * Remembers where a chunk is. False when another thread was faster: the fields then say where that one put it. True also when the
   * index is full and nothing was remembered.
   * @param seen - false for a chunk that was left by an earlier run and was not used in this one yet
   */
  insert(hash: Buffer, data: number, place: ChunkPlace, seen: boolean): boolean {
    const words = this.#words;
    let slot = this.#home(hash);
    for (let looked = 0; looked < this.#slots; looked++) {
      const at = HEADER_WORDS + slot * SLOT_WORDS;
      let state = this.#settled(at);
      if (state === EMPTY) {
        if (!this.#mayGrow()) break;
        if (Atomics.compareExchange(words, at, EMPTY, CLAIMED) === EMPTY) {
          for (let word = 0; word < HASH_WORDS; word++) words[at + HASH + word] = hash.readInt32LE(word * 4);
          words[at + PACK] = place.pack;
          words[at + OFFSET] = place.offset;
          words[at + STORED] = place.stored;
          words[at + DATA] = data;
          words[at + SEEN] = seen ? 1 : 0;
          Atomics.store(words, at, FILLED + place.codec + (place.check << CHECK_SHIFT));
          return true;
        }
        Atomics.sub(words, COUNT, 1);
        state = this.#settled(at);
      }
      if (state >= FILLED && this.#isAt(at, hash, data)) {
        this.#take(at, state);
        return false;
      }
      slot = slot + 1 === this.#slots ? 0 : slot + 1;
    }
    return true;
  }

  /** Marks the chunk that was found last as used; true when it was not before. */
  use(): boolean {
    const at = this.#slot + SEEN;
    return Atomics.load(this.#words, at) === 0 && Atomics.exchange(this.#words, at, 1) === 0;
  }

  #home(hash: Buffer): number {
    return hash.readUInt32LE(0) % this.#slots;
  }

  #mayGrow(): boolean {
    const limit = this.#words[LIMIT] ?? 0;
    if (Atomics.load(this.#words, COUNT) >= limit) return false;
    if (Atomics.add(this.#words, COUNT, 1) < limit) return true;
    Atomics.sub(this.#words, COUNT, 1);
    return false;
  }

  // The state of a slot that nobody is filling just now. A thread that died while it did leaves its slot claimed for good.
  #settled(at: number): number {
    let state = Atomics.load(this.#words, at);
    for (let waited = 0; state === CLAIMED && waited < WAITS; waited++) {
      Atomics.wait(this.#words, at, CLAIMED, 1);
      state = Atomics.load(this.#words, at);
    }
    return state;
  }

  #isAt(at: number, hash: Buffer, data: number): boolean {
    const words = this.#words;
    if (words[at + DATA] !== data) return false;
    for (let word = 0; word < HASH_WORDS; word++) {
      if (words[at + HASH + word] !== hash.readInt32LE(word * 4)) return false;
    }
    return true;
  }

  #take(at: number, state: number): void {
    const words = this.#words;
    this.#slot = at;
    this.pack = (words[at + PACK] ?? 0) >>> 0;
    this.offset = (words[at + OFFSET] ?? 0) >>> 0;
    this.stored = (words[at + STORED] ?? 0) >>> 0;
    this.codec = (state & ((1 << CHECK_SHIFT) - 1)) - FILLED;
    this.check = state >>> CHECK_SHIFT;
  }
}
