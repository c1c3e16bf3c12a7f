// SPDX-License-Identifier: Apache-2.0

/**
 * Codec `planes`. Data of n bytes are words of w bytes (4: fp32; 2: bf16, fp16), least byte first, and n mod w bytes after them.
 * Stored are, one after the other:
 *
 * - u32, little endian: bytes of the frame in bits 0 to 23, w in bits 24 to 31
 * - the frame: zstd of the last byte of each word (sign and exponent), floor(n / w) bytes
 * - the other w - 1 bytes of each word, word by word as they were
 * - the n mod w bytes after the words, as they were
 */
export const PLANES_HEADER_BYTES = 4;

/** Bytes of a word. */
export type WordBytes = 2 | 4;

/** Takes the words apart: the last byte of each goes to `top`, the others, and what is left at the end, to `rest`. */
export function splitWords(data: Uint8Array, word: WordBytes, top: Uint8Array, rest: Uint8Array): void {
  const words = Math.floor(data.length / word);
  let from = 0;
  let to = 0;
  for (let i = 0; i < words; i++) {
    for (let byte = 1; byte < word; byte++) rest[to++] = data[from++] ?? 0;
    top[i] = data[from++] ?? 0;
  }
  rest.set(data.subarray(from), to);
}

/** Puts them together again: fills `data`. */
export function joinWords(top: Uint8Array, rest: Uint8Array, word: WordBytes, data: Uint8Array): void {
  const words = Math.floor(data.length / word);
  let from = 0;
  let to = 0;
  for (let i = 0; i < words; i++) {
    for (let byte = 1; byte < word; byte++) data[to++] = rest[from++] ?? 0;
    data[to++] = top[i] ?? 0;
  }
  data.set(rest.subarray(from), to);
}
