// SPDX-License-Identifier: Apache-2.0

export const MIB = 1024 * 1024;

/** How an object is cut. The service allows 50,000 blocks of up to 4,000 MiB, and 5,000 MiB in one request. */
export interface BlockSizes {
  /** Up to so many bytes go in one request; more of them in blocks of this size, several at a time. */
  readonly block: number;
  /** Blocks of a stream: they are in memory, so they begin smaller. */
  readonly streamBlock: number;
}

export const BLOCK_SIZES: BlockSizes = { block: 8 * MIB, streamBlock: 4 * MIB };
export const BLOCKS_AT_ONCE = 4;
/** With the one that is collected: what a stream has in memory. */
export const STREAM_BLOCKS_AT_ONCE = 2;

const MOST_BLOCKS = 40_000;
const DOUBLED_AFTER = 10_000;

/** Size of the blocks of an object of known size. */
export function blockSize({ block }: BlockSizes, size: number): number {
  return size <= block * MOST_BLOCKS ? block : Math.ceil(size / MOST_BLOCKS / MIB) * MIB;
}

/** Size of the block of a stream of unknown length, counted from 0: all of them together hold more than a TiB. */
export function streamBlockSize({ streamBlock }: BlockSizes, index: number): number {
  return streamBlock * 2 ** Math.floor(index / DOUBLED_AFTER);
}
