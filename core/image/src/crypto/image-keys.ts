// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { seal, unseal, type SealLabel } from './sealed-bytes.js';

/**
 * The keys of one image: its data key, and those of the packs that it has. They are in private fields, so that no log, no JSON and no
 * inspection of a reader shows them.
 */
export class ImageKeys {
  readonly #dataKey: Uint8Array;
  readonly #packs: ReadonlyMap<string, Uint8Array>;

  /** @param keyId - name of the key that wraps the data key */
  constructor(
    readonly keyId: string,
    dataKey: Uint8Array,
    packs: ReadonlyMap<string, Uint8Array>,
  ) {
    this.#dataKey = dataKey;
    this.#packs = packs;
  }

  /** The key of a pack of the image. */
  pack(name: string): Uint8Array {
    const key = this.#packs.get(name);
    if (key === undefined) throw new GritError('GRIT_INTERNAL', `there is no key of pack ${name}`);
    return key;
  }

  seal(label: SealLabel, bytes: Uint8Array, signal: AbortSignal): Promise<Buffer> {
    return seal(this.#dataKey, label, bytes, signal);
  }

  unseal(label: SealLabel, sealed: Uint8Array, signal: AbortSignal): Promise<Buffer | undefined> {
    return unseal(this.#dataKey, label, sealed, signal);
  }
}
