// SPDX-License-Identifier: Apache-2.0

/** Of all that is random in these tests; GRIT_SEED chooses another. fast-check prints it with a failure. */
export const SEED = Number(process.env['GRIT_SEED'] ?? 20_261_128);

/** Bytes that are all different from their neighbours, and the same for the same start. */
export function pattern(length: number, start = 0): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = (start + at * 7 + (at >> 8)) & 0xff;
  return bytes;
}

/** A signal that is never aborted. */
export function never(): AbortSignal {
  return new AbortController().signal;
}
