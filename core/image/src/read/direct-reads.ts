// SPDX-License-Identifier: Apache-2.0
import { DIRECT_BYTES, alignedMemory, alignedUp } from '../io/aligned-memory.js';
import { DirectFile } from '../io/direct-file.js';
import { TASK_BYTES } from './plan-tasks.js';

/**
 * Reads ranges of local files past the page cache, into memory that is used again: bytes that are looked at once must not push out
 * others, and the first touch of fresh memory is what costs most.
 */
export class DirectReads {
  readonly #memory = alignedMemory(TASK_BYTES + 2 * DIRECT_BYTES);

  /**
   * The bytes from `start` to `end`, at most {@link TASK_BYTES}; good until the next read.
   * Throws errors of the operating system, and an Error when the file ends before.
   */
  read(path: string, start: number, end: number): Buffer {
    const from = start - (start % DIRECT_BYTES);
    using file = DirectFile.open(path);
    const got = file.read(this.#memory.subarray(0, alignedUp(end - from)), from);
    if (from + got < end) throw new Error(`${path} ends at ${from + got}, before ${end}`);
    return this.#memory.subarray(start - from, end - from);
  }
}
