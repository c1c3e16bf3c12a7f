// SPDX-License-Identifier: Apache-2.0

const known = new WeakMap<object, WritesUnderWay>();

/**
 * Whether the webhook configurations are being written. Whoever relies on what they cover must wait for a write that was decided before: it may still take a
 * namespace away.
 */
export class WritesUnderWay {
  #last: Promise<unknown> = Promise.resolve();

  /** The one of everybody who uses this client, thus of this process. */
  static of(client: object): WritesUnderWay {
    let writes = known.get(client);
    if (writes === undefined) known.set(client, (writes = new WritesUnderWay()));
    return writes;
  }

  async run<T>(write: () => Promise<T>): Promise<T> {
    const running = write();
    this.#last = running.catch(() => undefined);
    return running;
  }

  /** Resolves when what was decided until now is written. */
  async settled(): Promise<void> {
    await this.#last;
  }
}
