// SPDX-License-Identifier: Apache-2.0

/** A data key that is wrapped, and by what. */
export interface WrappedKey {
  /** Name of the key that wraps it: up to 128 letters, digits, `.`, `_`, `-`, `:`, `/`. No secret. */
  readonly keyId: string;
  /** Opaque; at most 4096 bytes. */
  readonly wrapped: Uint8Array;
}

/**
 * Keys that wrap the keys of images. The keys themselves need not leave it: a KMS is a KeyProvider. Wrapping is authenticated: what was
 * changed, or wrapped by another key of the same name, is refused.
 */
export interface KeyProvider {
  /** Name of the key that `wrap` uses now. Errors: those of `wrap`. */
  currentKeyId(signal: AbortSignal): Promise<string>;
  /** Wraps a data key of 32 bytes with the current key. Errors: GRIT_KEY_UNAVAILABLE. */
  wrap(dataKey: Uint8Array, signal: AbortSignal): Promise<WrappedKey>;
  /**
   * Errors: GRIT_KEY_UNKNOWN, it has no key of this name; GRIT_KEY_WRONG, the key of this name is another one; GRIT_KEY_UNAVAILABLE, it
   * cannot be asked at the moment.
   */
  unwrap(key: WrappedKey, signal: AbortSignal): Promise<Uint8Array>;
}
