// SPDX-License-Identifier: Apache-2.0
import { ROW_BYTES } from '../format/chunk-row.js';
import type { ManifestPart } from '../format/image-manifest.js';

/** Where the rows of a table lie in the parts. Eight bytes of memory a row. */
export class RowPlaces {
  /** Offset in its part of each row. */
  readonly offsets: Float64Array;

  constructor(
    readonly parts: readonly ManifestPart[],
    table: Buffer,
  ) {
    this.offsets = new Float64Array(table.length / ROW_BYTES);
    for (const { rows } of parts) {
      let offset = 0;
      for (let row = rows[0]; row < rows[0] + rows[1]; row++) {
        this.offsets[row] = offset;
        offset += table.readUInt32LE(row * ROW_BYTES + 32);
      }
    }
  }

  offset(row: number): number {
    return this.offsets[row] ?? 0;
  }

  /** Number of the part that has the row. */
  partIndex(row: number): number {
    let low = 0;
    let high = this.parts.length - 1;
    // The last part that begins at or before the row: empty parts before it begin there too.
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.parts[middle]?.rows[0] ?? 0) <= row) low = middle;
      else high = middle - 1;
    }
    while (low > 0 && this.parts[low]?.rows[1] === 0) low--;
    return low;
  }

  part(row: number): ManifestPart {
    const part = this.parts[this.partIndex(row)];
    if (part === undefined) throw new RangeError(`row ${row} of no part`);
    return part;
  }

  /** The row of a part in which an offset lies. */
  rowAt({ rows }: ManifestPart, offset: number): number {
    let low = rows[0];
    let high = rows[0] + rows[1] - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.offset(middle) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
