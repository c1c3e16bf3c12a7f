// SPDX-License-Identifier: Apache-2.0
import { PAGE_BYTES } from '@grit/plugin-api';

/** Takes the data of checked chunks. */
export interface ChunkTarget {
  /**
   * @param data without the pages of zeros that `zeros` names; they may be overwritten after the next `flush`
   * @param fill whether the pages of zeros must be written too
   */
  put(file: number, offset: number, data: Uint8Array, length: number, zeros: number, fill: boolean): void;
  flush(): void;
  close(): void;
}

/** Puts data into a piece of memory that is all zero. */
export class MemoryTarget implements ChunkTarget {
  readonly memory: ArrayBuffer;

  constructor(bytes: number) {
    this.memory = new ArrayBuffer(bytes);
  }

  put(_file: number, offset: number, data: Uint8Array, length: number, zeros: number): void {
    let taken = 0;
    for (let at = 0, page = 0; at < length; at += PAGE_BYTES, page++) {
      if ((zeros >>> page) & 1) continue;
      const bytes = data.subarray(taken, taken + Math.min(PAGE_BYTES, length - at));
      new Uint8Array(this.memory).set(bytes, offset + at);
      taken += bytes.length;
    }
  }

  flush(): void {
    // It is there already.
  }

  close(): void {
    // Nothing is open.
  }
}

/** For chunks that are only checked. */
export const NO_TARGET: ChunkTarget = {
  put() {
    // Its hash was right: that is all.
  },
  flush() {
    // Nothing waits.
  },
  close() {
    // Nothing is open.
  },
};
