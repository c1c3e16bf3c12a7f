// SPDX-License-Identifier: Apache-2.0
import { endianness } from 'node:os';

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
  const wide = wideBytes(data, top, rest);
  if (word === 4) split4(intsOf(data, wide), intsOf(top, wide / 4), intsOf(rest, (wide / 4) * 3));
  else split2(intsOf(data, wide), intsOf(top, wide / 2), intsOf(rest, wide / 2));
  let to = wide - wide / word;
  const words = data.length - (data.length % word);
  for (let from = wide; from < data.length; from++) {
    const byte = data[from] ?? 0;
    if (from % word === word - 1 && from < words) top[(from - word + 1) / word] = byte;
    else rest[to++] = byte;
  }
}

/** Puts them together again: fills `data`. */
export function joinWords(top: Uint8Array, rest: Uint8Array, word: WordBytes, data: Uint8Array): void {
  const wide = wideBytes(data, top, rest);
  if (word === 4) join4(intsOf(top, wide / 4), intsOf(rest, (wide / 4) * 3), intsOf(data, wide));
  else join2(intsOf(top, wide / 2), intsOf(rest, wide / 2), intsOf(data, wide));
  let from = wide - wide / word;
  const words = data.length - (data.length % word);
  for (let to = wide; to < data.length; to++) {
    const isTop = to % word === word - 1 && to < words;
    data[to] = (isTop ? top[(to - word + 1) / word] : rest[from++]) ?? 0;
  }
}

// How much can be done 16 bytes at a time, which is five times as fast as byte by byte: all but the end where all three lie on
// multiples of 4 in memory.
function wideBytes(data: Uint8Array, top: Uint8Array, rest: Uint8Array): number {
  const aligned = ((data.byteOffset | top.byteOffset | rest.byteOffset) & 3) === 0;
  return aligned && LITTLE_ENDIAN ? data.length & ~15 : 0;
}

const LITTLE_ENDIAN = endianness() === 'LE';

function intsOf(bytes: Uint8Array, length: number): Int32Array {
  return new Int32Array(bytes.buffer, length === 0 ? 0 : bytes.byteOffset, length / 4);
}

function split4(data: Int32Array, top: Int32Array, rest: Int32Array): void {
  for (let from = 0, to = 0, at = 0; from < data.length; from += 4) {
    const a = data[from] ?? 0;
    const b = data[from + 1] ?? 0;
    const c = data[from + 2] ?? 0;
    const d = data[from + 3] ?? 0;
    rest[to++] = (a & 0xff_ffff) | (b << 24);
    rest[to++] = ((b >>> 8) & 0xffff) | (c << 16);
    rest[to++] = ((c >>> 16) & 0xff) | (d << 8);
    top[at++] = (a >>> 24) | ((b >>> 16) & 0xff00) | ((c >>> 8) & 0xff_0000) | (d & ~0xff_ffff);
  }
}

function join4(top: Int32Array, rest: Int32Array, data: Int32Array): void {
  for (let to = 0, from = 0, at = 0; to < data.length; from += 3) {
    const a = rest[from] ?? 0;
    const b = rest[from + 1] ?? 0;
    const c = rest[from + 2] ?? 0;
    const t = top[at++] ?? 0;
    data[to++] = (a & 0xff_ffff) | (t << 24);
    data[to++] = (a >>> 24) | ((b & 0xffff) << 8) | ((t << 16) & ~0xff_ffff);
    data[to++] = (b >>> 16) | ((c & 0xff) << 16) | ((t << 8) & ~0xff_ffff);
    data[to++] = (c >>> 8) | (t & ~0xff_ffff);
  }
}

function split2(data: Int32Array, top: Int32Array, rest: Int32Array): void {
  for (let from = 0, to = 0; from < data.length; to++) {
    const a = data[from++] ?? 0;
    const b = data[from++] ?? 0;
    rest[to] = (a & 0xff) | ((a >>> 8) & 0xff00) | ((b & 0xff) << 16) | ((b & 0xff_0000) << 8);
    top[to] = ((a >>> 8) & 0xff) | ((a >>> 16) & 0xff00) | ((b & 0xff00) << 8) | (b & ~0xff_ffff);
  }
}

function join2(top: Int32Array, rest: Int32Array, data: Int32Array): void {
  for (let to = 0, from = 0; to < data.length; from++) {
    const r = rest[from] ?? 0;
    const t = top[from] ?? 0;
    data[to++] = (r & 0xff) | ((t & 0xff) << 8) | ((r & 0xff00) << 8) | ((t & 0xff00) << 16);
    data[to++] = ((r >>> 16) & 0xff) | ((t >>> 8) & 0xff00) | ((r >>> 8) & 0xff_0000) | (t & ~0xff_ffff);
  }
}
