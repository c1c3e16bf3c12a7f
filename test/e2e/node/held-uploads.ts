// SPDX-License-Identifier: Apache-2.0
import type { FaultProxy } from '../../fixtures/object-stores/fault-proxy.js';
import { until } from '../../cluster/until.js';

/** Uploads of packs to an object store that wait at its door, to be let in one by one. */
export class HeldUploads {
  readonly #waiting: { readonly number: number; readonly letIn: () => void }[] = [];
  #open = false;

  constructor(
    private readonly proxy: FaultProxy,
    private readonly signal: AbortSignal,
  ) {
    const hold = async ({ number }: { readonly number: number }): Promise<void> => {
      if (this.#open) return;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      this.#waiting.push({ number, letIn: () => resolve(undefined) });
      await promise;
    };
    proxy.when({ method: 'PUT', key: /\/packs\//, times: Infinity }, { do: 'call', when: 'before', call: hold });
  }

  /** Lets the next one in and waits until it is there: its bytes; 0 when the client had given it up. */
  async letInOne(): Promise<number> {
    await until('a pack is uploaded', this.signal, async () => this.#waiting.length > 0);
    const upload = this.#waiting.shift();
    upload?.letIn();
    const record = this.proxy.requests.find(({ number }) => number === upload?.number);
    if (record === undefined) throw new Error('the record of an upload is gone');
    await until('the pack is there', this.signal, async () => record.ended);
    return record.status === 200 ? record.sent : 0;
  }

  /** Lets in whatever waits, and what comes. */
  letAllIn(): void {
    this.#open = true;
    for (const { letIn } of this.#waiting.splice(0)) letIn();
  }
}
