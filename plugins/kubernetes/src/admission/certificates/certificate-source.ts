// SPDX-License-Identifier: Apache-2.0
import type { CertificateSet } from './certificate-set.js';

/** Where the certificate of the webhook server comes from. */
export interface CertificateSource {
  /** The one to be used now. */
  readonly current: CertificateSet;
  /** Calls the listener when there is a new one. Gives back what ends that. */
  onChange(listener: () => void): () => void;
  /** Makes a new one if the current one is old. Only the leader calls it. */
  renewIfDue(signal: AbortSignal): Promise<void>;
}

/** Tells listeners. */
export class Listeners {
  readonly #all = new Set<() => void>();

  add(listener: () => void): () => void {
    this.#all.add(listener);
    return () => void this.#all.delete(listener);
  }

  call(): void {
    for (const listener of this.#all) listener();
  }
}
