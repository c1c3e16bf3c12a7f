// SPDX-License-Identifier: Apache-2.0

/** The bytes of base64 in its one form (RFC 4648, padded, no white space); undefined for anything else. */
export function base64Bytes(value: unknown): Buffer | undefined {
  if (typeof value !== 'string') return undefined;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value ? bytes : undefined;
}
