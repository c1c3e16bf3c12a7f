// SPDX-License-Identifier: Apache-2.0
import { Thread } from '../threads/thread.js';
import { ChunkIndex } from './chunk-index.js';
import { PackCrew, type CrewTask } from './pack-crew.js';
import type { PackSetup } from './pack-request.js';

/** Threads, and the memory that packers used, are kept so long for the next packer. */
const IDLE_MS = 30_000;

/** Requests that a thread has before it: with two it need not wait for the main thread between slabs. */
const URGENT_DEPTH = 2;

/** What is kept for the next packer: what one of the default limits uses. */
const KEPT_SLABS = 8;
const KEPT_INDEXES = 1;

/** One thread, and the packers that it knows. */
export interface Seat {
  readonly thread: Thread;
  readonly crews: Set<PackCrew>;
  /** Requests under way. */
  running: number;
}

/** The pack threads of the process: begun when they are needed, shared by all packers, closed when there was none for a while. */
export class PackThreads {
  readonly #seats: Seat[] = [];
  readonly #urgent: CrewTask[] = [];
  readonly #other: CrewTask[] = [];
  readonly #slabs: ArrayBuffer[] = [];
  readonly #indexes: SharedArrayBuffer[] = [];
  #crews = 0;
  #number = 0;
  #idle: NodeJS.Timeout | undefined;

  /** @param idleMs - how long threads and memory are kept without a packer, milliseconds */
  constructor(readonly idleMs = IDLE_MS) {}

  /** Threads that live. */
  get alive(): number {
    return this.#seats.filter(({ thread }) => thread.alive).length;
  }

  /** Begins to work for a packer. It must leave at the end. */
  join(setup: PackSetup): PackCrew {
    clearTimeout(this.#idle);
    this.#crews++;
    return new PackCrew(this, this.#number++, setup);
  }

  /** Gives a task to a thread, or keeps it until one is free; urgent ones first. */
  submit(task: CrewTask): void {
    (task.urgent ? this.#urgent : this.#other).push(task);
    this.#dispatch();
  }

  /** Takes back the tasks of a packer that no thread has yet. */
  withdraw(crew: PackCrew): CrewTask[] {
    return [this.#urgent, this.#other].flatMap((queue) => {
      const mine = queue.filter((task) => task.crew === crew);
      const others = queue.filter((task) => task.crew !== crew);
      queue.splice(0, queue.length, ...others);
      return mine;
    });
  }

  /** The first so many threads. */
  seats(threads: number): Seat[] {
    while (this.#seats.length < threads) this.#seats.push(newSeat());
    return this.#seats.slice(0, threads);
  }

  /** The threads that know the packer. */
  seatsOf(crew: PackCrew): Seat[] {
    return this.#seats.filter(({ crews }) => crews.has(crew));
  }

  /** Ends the work for a packer. Its memory may be used by the next one. */
  leave(crew: PackCrew): void {
    for (const { crews } of this.#seats) crews.delete(crew);
    if (this.#indexes.length < KEPT_INDEXES) this.#indexes.push(crew.setup.index);
    this.#crews--;
    if (this.#crews > 0) return;
    this.#idle = setTimeout(() => void this.close(), this.idleMs);
    this.#idle.unref();
  }

  /** Memory for an index, empty. */
  takeIndex(entries: number): SharedArrayBuffer {
    const at = this.#indexes.findIndex((memory) => memory.byteLength === ChunkIndex.bytes(entries));
    const [used] = at < 0 ? [] : this.#indexes.splice(at, 1);
    if (used === undefined) return ChunkIndex.allocate(entries);
    ChunkIndex.clear(used);
    return used;
  }

  /** Memory for pages, with anything in it. */
  takeSlab(bytes: number): ArrayBuffer {
    const at = this.#slabs.findIndex(({ byteLength }) => byteLength === bytes);
    return (at < 0 ? undefined : this.#slabs.splice(at, 1)[0]) ?? new ArrayBuffer(bytes);
  }

  keepSlab(slab: ArrayBuffer): void {
    if (this.#slabs.length < KEPT_SLABS) this.#slabs.push(slab);
  }

  /** Ends all threads and gives memory back. Tasks under way fail with GRIT_INTERNAL; later ones begin other threads. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    this.#slabs.length = 0;
    this.#indexes.length = 0;
    await Promise.all(this.#seats.map(({ thread }) => thread.close()));
  }

  #dispatch(): void {
    while (this.#next(this.#urgent, URGENT_DEPTH) || (this.#urgent.length === 0 && this.#next(this.#other, 1))) {
      // Until nothing more can be given out.
    }
  }

  #next(queue: CrewTask[], depth: number): boolean {
    const [task] = queue;
    if (task === undefined) return false;
    const seat = this.#freest(task.crew.setup.limits.threads);
    if (seat.running >= depth) return false;
    queue.shift();
    seat.running++;
    void task.crew.perform(task, seat).finally(() => {
      seat.running--;
      this.#dispatch();
    });
    return true;
  }

  /** Of the first so many threads the one that has the least to do; a new one rather than one that has work. */
  #freest(threads: number): Seat {
    let best: Seat | undefined;
    for (const seat of this.#seats.slice(0, threads))
      if (best === undefined || seat.running < best.running) best = seat;
    if (best !== undefined && (best.running === 0 || this.#seats.length >= threads)) return best;
    const seat = newSeat();
    this.#seats.push(seat);
    return seat;
  }
}

function newSeat(): Seat {
  return { thread: new Thread('pack/pack-worker'), crews: new Set(), running: 0 };
}

/** Those of this process. */
export const packThreads = new PackThreads();
