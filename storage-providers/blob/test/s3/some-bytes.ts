// SPDX-License-Identifier: Apache-2.0
import type { UploadSource } from '../../src/object-store.js';

/** Bytes that differ from place to place, the same in every run. */
export function someBytes(size: number, seed = 1): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  let state = seed;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[at] = state >>> 16;
  }
  return bytes;
}

/** In pieces of this size, as streams give them. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Like a file. */
export function sourceOf(bytes: Uint8Array, piece = 100_000): UploadSource {
  return { size: bytes.length, read: ({ start, end }) => inPieces(bytes.subarray(start, end), piece) };
}
