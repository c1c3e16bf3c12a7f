// SPDX-License-Identifier: Apache-2.0
import { GritError, type KeyProvider, type WrappedKey } from '@grit/plugin-api';
import { KEY_BYTES } from '../crypto/chunk-cipher.js';
import { unwrapped } from '../crypto/data-key.js';
import { ImageKeys } from '../crypto/image-keys.js';
import { seal, unseal } from '../crypto/sealed-bytes.js';

/** The keys of an image that is packed and not committed yet; nothing of them is in clear. */
export interface PackedKeys {
  /** The data key. */
  readonly key: WrappedKey;
  /** The keys of its packs, in the order of the list, sealed with the data key. */
  readonly packs: Uint8Array;
}

/** Seals the keys of packs. Throws GRIT_ABORTED. */
export async function packedKeys(
  key: WrappedKey,
  dataKey: Uint8Array,
  packs: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<PackedKeys> {
  return { key, packs: await seal(dataKey, 'pack keys', Buffer.concat(packs), signal) };
}

/**
 * The keys of a packed image; undefined when it is not encrypted. Errors: those of `unwrap`; GRIT_DUMP_FAILED when the record was
 * changed; GRIT_ABORTED.
 */
export async function openPackedKeys(
  { encryption, packs }: { readonly encryption?: PackedKeys | undefined; readonly packs: readonly { name: string }[] },
  keys: KeyProvider | undefined,
  signal: AbortSignal,
): Promise<ImageKeys | undefined> {
  if (encryption === undefined) return undefined;
  const dataKey = await unwrapped(keys, encryption.key, signal);
  const clear = await unseal(dataKey, 'pack keys', encryption.packs, signal);
  if (clear?.length !== packs.length * KEY_BYTES) {
    throw new GritError('GRIT_DUMP_FAILED', 'the keys of the packed image are not those that it was packed with', {
      hint: 'Something changed the state directory of the node. Take the checkpoint again.',
    });
  }
  const keyAt = (index: number): Uint8Array =>
    Uint8Array.from(clear.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES));
  const map = new Map(packs.map(({ name }, index) => [name, keyAt(index)]));
  return new ImageKeys(encryption.key.keyId, dataKey, map);
}
