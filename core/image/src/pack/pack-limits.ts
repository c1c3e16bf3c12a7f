// SPDX-License-Identifier: Apache-2.0
import { availableParallelism } from 'node:os';

/** What bounds the memory and the work of a packer. */
export interface PackLimits {
  /** A pack ends when its chunks have so many bytes. */
  readonly packBytes: number;
  /** A pack ends when it has so many chunks, however small. */
  readonly packEntries: number;
  /** Chunks that are remembered, to be found again; 64 bytes each. Those beyond are written without being remembered. */
  readonly indexEntries: number;
  /** Buffers of `slabBytes` that pages are received into. At least 2. */
  readonly slabs: number;
  /** A multiple of 128 KiB, 256 KiB or more. */
  readonly slabBytes: number;
  /** Files are cut into ranges of so many bytes, which threads take one by one. A multiple of 4096. */
  readonly rangeBytes: number;
  /** Threads that work for this packer; there is one set of threads for all packers of the process. */
  readonly threads: number;
}

const MIB = 1024 * 1024;

/** One thread more than there are cores: one of them waits for the disk. */
export const DEFAULT_LIMITS: PackLimits = {
  packBytes: 64 * MIB,
  packEntries: 64 * 1024,
  indexEntries: 512 * 1024,
  slabs: 8,
  slabBytes: 4 * MIB,
  rangeBytes: 64 * MIB,
  threads: Math.min(availableParallelism() + 1, 8),
};
