// SPDX-License-Identifier: Apache-2.0
import { BLOCK_BYTES } from '../digest/block-digest.js';

/**
 * Cuts a stream that should have `size` bytes into blocks; the last may be shorter. Bytes beyond are left out; a stream that ends
 * early gives what it had in whole blocks, and no error.
 */
export async function* blocksOf(
  stream: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Buffer<ArrayBuffer>, void> {
  let left = size;
  let block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, left));
  let filled = 0;
  for await (const chunk of stream) {
    for (let taken = 0; taken < chunk.length && left > 0;) {
      const piece = chunk.subarray(taken, taken + block.length - filled);
      block.set(piece, filled);
      filled += piece.length;
      taken += piece.length;
      if (filled < block.length) continue;
      left -= filled;
      yield block;
      block = Buffer.allocUnsafeSlow(Math.min(BLOCK_BYTES, left));
      filled = 0;
    }
    if (left === 0) return;
  }
}
