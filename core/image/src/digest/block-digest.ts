// SPDX-License-Identifier: Apache-2.0
import { hash, webcrypto } from 'node:crypto';

/** Bytes that one digest covers; the last block of a part may be shorter. */
export const BLOCK_BYTES = 1024 * 1024;

/** Bytes of one digest. */
export const DIGEST_BYTES = 32;

/** Below this the way to another thread costs more than the hash. */
const INLINE_BYTES = 64 * 1024;

/** sha256 of a block, off the main thread where that pays. */
export async function digestBlock(block: Uint8Array<ArrayBuffer>): Promise<Buffer> {
  if (block.length <= INLINE_BYTES) return hash('sha256', block, 'buffer');
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', block));
}

/** Digest of a part: sha256 over the digests of its blocks, so that a range can be verified without the rest. */
export function treeDigest(blocks: Uint8Array): string {
  return `sha256:${hash('sha256', blocks, 'hex')}`;
}

/** How many blocks a part of that size has. */
export function blockCount(size: number): number {
  return Math.ceil(size / BLOCK_BYTES);
}
