// SPDX-License-Identifier: Apache-2.0

/** Who wants to hear of changes, and the changes that are only in memory. */
export class OperationChanges {
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #unwritten = new Map<string, number>();

  listen(id: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(id) === listeners) this.#listeners.delete(id);
    };
  }

  /** A change that is not in the file yet. */
  touch(id: string): void {
    this.#unwritten.set(id, this.unwritten(id) + 1);
    this.#tell(id);
  }

  /** Revisions that the file does not have. */
  unwritten(id: string): number {
    return this.#unwritten.get(id) ?? 0;
  }

  /** Everything is in the file. */
  written(id: string): void {
    this.#unwritten.delete(id);
    this.#tell(id);
  }

  #tell(id: string): void {
    for (const listener of [...(this.#listeners.get(id) ?? [])]) listener();
  }
}
