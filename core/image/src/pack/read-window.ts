// SPDX-License-Identifier: Apache-2.0
import { CHUNK_BYTES } from '../format/chunk-row.js';
import { alignedMemory } from '../io/aligned-memory.js';

/** Bytes that are read at a time. */
export const WINDOW_BYTES = 4 * 1024 * 1024;

let memory: Buffer<ArrayBuffer> | undefined;

/** The thread's memory for reading: room for what is carried over from the last read, CHUNK_BYTES, and then the window. */
export function readWindow(): Buffer<ArrayBuffer> {
  return (memory ??= alignedMemory(CHUNK_BYTES + WINDOW_BYTES));
}
