// SPDX-License-Identifier: Apache-2.0
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { throwIfAborted } from '../stream/until-aborted.js';
import { CIPHER, KEY_BYTES, NONCE_BYTES, TAG_BYTES, WHOLE_TAG } from './chunk-cipher.js';

/** Bytes that sealing adds: the nonce before, the tag after. */
export const SEAL_BYTES = NONCE_BYTES + TAG_BYTES;

/** Bytes that are worked on before other work of the process has its turn: a few milliseconds. */
const TURN_BYTES = 4 * 1024 * 1024;

/** What is sealed with keys that come from the data key of an image. Each has keys of its own. */
export type SealLabel = 'manifest' | 'table' | 'pack keys';

/**
 * Seals bytes: nonce | encrypted | tag. The nonce is a keyed hash of what is sealed, so the same bytes sealed again are the same object, as
 * a repeated commit needs it, and other bytes have another nonce. Works in short turns. Throws GRIT_ABORTED.
 */
export async function seal(
  dataKey: Uint8Array,
  label: SealLabel,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<Buffer> {
  const hmac = createHmac('sha256', derived(dataKey, label, 'nonce'));
  for (const turn of turnsOf(bytes)) {
    hmac.update(turn);
    if (turn.length === TURN_BYTES) await turnOver(signal);
  }
  const nonce = hmac.digest().subarray(0, NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, derived(dataKey, label, 'key'), nonce, WHOLE_TAG);
  const sealed = Buffer.allocUnsafeSlow(bytes.length + SEAL_BYTES);
  sealed.set(nonce);
  let at = NONCE_BYTES;
  for (const turn of turnsOf(bytes)) {
    sealed.set(cipher.update(turn), at);
    at += turn.length;
    if (turn.length === TURN_BYTES) await turnOver(signal);
  }
  cipher.final();
  sealed.set(cipher.getAuthTag(), at);
  return sealed;
}

/** What was sealed, in memory of its own; undefined when these are not bytes that were sealed so with this key. Throws GRIT_ABORTED. */
export async function unseal(
  dataKey: Uint8Array,
  label: SealLabel,
  sealed: Uint8Array,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  const end = sealed.length - TAG_BYTES;
  if (end < NONCE_BYTES) return undefined;
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, derived(dataKey, label, 'key'), nonce, WHOLE_TAG);
  decipher.setAuthTag(sealed.subarray(end));
  const clear = Buffer.allocUnsafeSlow(end - NONCE_BYTES);
  let at = 0;
  for (const turn of turnsOf(sealed.subarray(NONCE_BYTES, end))) {
    clear.set(decipher.update(turn), at);
    at += turn.length;
    if (turn.length === TURN_BYTES) await turnOver(signal);
  }
  try {
    decipher.final();
    return clear;
  } catch {
    return undefined;
  }
}

function derived(dataKey: Uint8Array, label: SealLabel, use: 'key' | 'nonce'): Buffer {
  return Buffer.from(hkdfSync('sha256', dataKey, '', `grit image 2 ${label} ${use}`, KEY_BYTES));
}

function* turnsOf(bytes: Uint8Array): Generator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += TURN_BYTES) yield bytes.subarray(at, at + TURN_BYTES);
}

async function turnOver(signal: AbortSignal): Promise<void> {
  await setImmediate();
  throwIfAborted(signal);
}
