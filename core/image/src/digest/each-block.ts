// SPDX-License-Identifier: Apache-2.0
import type { FileHandle } from 'node:fs/promises';
import { throwIfAborted } from '../stream/until-aborted.js';
import { BLOCK_BYTES, blockCount } from './block-digest.js';
import { inLanes } from './in-lanes.js';

// Three were the fastest on two cores: one reads while two are hashed. Each costs a block of memory.
const LANES = 3;

/** One block of a file. The bytes are only valid during the visit; fewer than expected when the file is shorter. */
export interface FileBlock {
  readonly index: number;
  readonly offset: number;
  readonly bytes: Buffer<ArrayBuffer>;
  /** Bytes that it should have. */
  readonly expected: number;
}

/** Visits the blocks of a file of `size` bytes, several at a time, in about their order. */
export async function eachBlock(
  file: FileHandle,
  size: number,
  signal: AbortSignal,
  visit: (block: FileBlock) => Promise<void>,
): Promise<void> {
  const buffers = new Map<number, Buffer<ArrayBuffer>>();
  await inLanes(blockCount(size), LANES, async (index, lane) => {
    throwIfAborted(signal);
    const offset = index * BLOCK_BYTES;
    const expected = Math.min(BLOCK_BYTES, size - offset);
    const buffer = buffers.get(lane) ?? Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, size));
    buffers.set(lane, buffer);
    await visit({ index, offset, bytes: await readFully(file, buffer.subarray(0, expected), offset), expected });
  });
}

/** Fills the buffer from the file; shorter when the file ends. */
export async function readFully(
  file: FileHandle,
  buffer: Buffer<ArrayBuffer>,
  offset: number,
): Promise<Buffer<ArrayBuffer>> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
