// SPDX-License-Identifier: Apache-2.0
import { CHUNK_BYTES } from '../format/chunk-row.js';
import type { PartRows } from './part-rows.js';

/** Pages that were cut off from the end of a slab, to be continued in the next. */
export interface CarriedPages {
  readonly part: PartRows;
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** A slab with pages in it, and which of its bytes are pages of which part and address. */
export class SlabPages {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes from the beginning that are not free. */
  used = 0;
  // For each part: address, offset, bytes; and again.
  readonly #segments = new Map<PartRows, number[]>();

  constructor(memory: ArrayBuffer) {
    this.bytes = new Uint8Array(memory);
  }

  get empty(): boolean {
    return this.#segments.size === 0;
  }

  /** Adds pages that are in the slab. */
  add(part: PartRows, address: number, offset: number, bytes: number): void {
    let list = this.#segments.get(part);
    if (list === undefined) this.#segments.set(part, (list = []));
    const last = list.length - 1;
    const length = list[last] ?? 0;
    // Pages that go on where the last ones ended, in the slab too, are one segment.
    if (last > 0 && (list[last - 1] ?? 0) + length === offset && (list[last - 2] ?? 0) + length === address) {
      list[last] = length + bytes;
    } else list.push(address, offset, bytes);
    this.used = Math.max(this.used, offset + bytes);
  }

  /** Puts pages that another slab had no room for at the beginning. */
  put({ part, address, bytes }: CarriedPages): void {
    this.bytes.set(bytes);
    this.add(part, address, 0, bytes.length);
  }

  /** Cuts off the last pages of a part that are less than a chunk, as they may go on; undefined when there are none. */
  cutTail(part: PartRows): CarriedPages | undefined {
    const list = this.#segments.get(part);
    if (list === undefined) return undefined;
    const end = (list.at(-3) ?? 0) + (list.at(-1) ?? 0);
    const first = end - (end % CHUNK_BYTES);
    let start = end;
    const pieces: Uint8Array[] = [];
    while (list.length > 0 && start > first) {
      const [address = 0, offset = 0, length = 0] = list.slice(-3);
      if (address + length !== start) break;
      const taken = Math.min(length, start - first);
      pieces.unshift(this.bytes.subarray(offset + length - taken, offset + length));
      start -= taken;
      list.length -= taken === length ? 3 : 0;
      if (taken < length) list[list.length - 1] = length - taken;
    }
    if (list.length === 0) this.#segments.delete(part);
    return pieces.length === 0 ? undefined : { part, address: start, bytes: Buffer.concat(pieces) };
  }

  /**
   * What a thread is told: for each part the number of its segments, and then for each segment address, offset and bytes; all are
   * float64. The second value has the parts in the same order.
   */
  describe(): { segments: Float64Array<ArrayBuffer>; parts: PartRows[] } {
    const lists = [...this.#segments];
    const segments = new Float64Array(lists.reduce((sum, [, list]) => sum + list.length + 1, 0));
    let at = 0;
    for (const [, list] of lists) {
      segments[at] = list.length / 3;
      segments.set(list, at + 1);
      at += list.length + 1;
    }
    return { segments, parts: lists.map(([part]) => part) };
  }
}
