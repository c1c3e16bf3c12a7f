// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { KEY_BYTES } from './chunk-cipher.js';

/**
 * A key as a file or a variable has it: 64 hex digits, or 32 bytes in base64. White space around it does not count.
 * Throws GRIT_CONFIG_INVALID, with nothing of the key in the message.
 * @param what - names the key in the message: `key k1`
 */
export function parseKey(text: string, what = 'the key'): Uint8Array {
  const trimmed = text.trim();
  if (/^[0-9A-Fa-f]{64}$/.test(trimmed)) return Uint8Array.from(Buffer.from(trimmed, 'hex'));
  const bytes = Buffer.from(trimmed, 'base64');
  if (bytes.length === KEY_BYTES && bytes.toString('base64') === trimmed) return Uint8Array.from(bytes);
  throw new GritError('GRIT_CONFIG_INVALID', `${what} is neither 64 hex digits nor 32 bytes in base64`, {
    hint: 'Make one with `openssl rand -base64 32`.',
  });
}
