// SPDX-License-Identifier: Apache-2.0
import type { CountedObject } from './plan-retention.js';

/** Bytes of objects that images share: each object counts once, for as long as an image has it. */
export class ObjectCounts {
  readonly #users = new Map<string, number>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  add(objects: readonly CountedObject[]): void {
    for (const { key, size } of objects) {
      const users = this.#users.get(key) ?? 0;
      if (users === 0) this.#bytes += size;
      this.#users.set(key, users + 1);
    }
  }

  remove(objects: readonly CountedObject[]): void {
    for (const { key, size } of objects) {
      const users = this.#users.get(key) ?? 0;
      if (users === 1) this.#bytes -= size;
      if (users > 0) this.#users.set(key, users - 1);
    }
  }

  /** Bytes that adding them would add. */
  cost(objects: readonly CountedObject[]): number {
    return objects.reduce((sum, { key, size }) => ((this.#users.get(key) ?? 0) === 0 ? sum + size : sum), 0);
  }

  /** Bytes of those objects that something else has as well, when these are counted already. */
  shared(objects: readonly CountedObject[]): number {
    return objects.reduce((sum, { key, size }) => ((this.#users.get(key) ?? 0) > 1 ? sum + size : sum), 0);
  }
}
