// SPDX-License-Identifier: Apache-2.0

const known = new WeakMap<object, SharedProbes>();

/** Questions to the API server whether the admission is in force in a namespace: many who ask at once, as for many moves, ask once. */
export class SharedProbes {
  readonly #asked = new Map<string, Promise<boolean>>();

  /** The one of everybody who uses this client, thus of this process. */
  static of(client: object): SharedProbes {
    let probes = known.get(client);
    if (probes === undefined) known.set(client, (probes = new SharedProbes()));
    return probes;
  }

  /** The answer that is under way, else that of `ask`. */
  async ask(namespace: string, ask: () => Promise<boolean>): Promise<boolean> {
    const before = this.#asked.get(namespace);
    if (before !== undefined) return before;
    const asked = ask();
    this.#asked.set(namespace, asked);
    try {
      return await asked;
    } finally {
      if (this.#asked.get(namespace) === asked) this.#asked.delete(namespace);
    }
  }

  /** Other namespaces are about to be covered no more: an answer that is under way may be from before that, and nobody else may share it. */
  keepOnly(namespaces: readonly string[]): void {
    for (const namespace of this.#asked.keys()) if (!namespaces.includes(namespace)) this.#asked.delete(namespace);
  }
}
