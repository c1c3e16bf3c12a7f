// SPDX-License-Identifier: Apache-2.0
import type { PartKind } from '@grit/plugin-api';

/** The rows of one part, which come in pieces and in any order. */
export class PartRows {
  /** Bytes of the part so far. */
  size = 0;
  readonly #pieces: (Buffer | undefined)[] = [];

  constructor(
    readonly name: string,
    readonly kind: PartKind,
  ) {}

  /** Keeps the place of the next piece. Returns its number. */
  reserve(): number {
    return this.#pieces.push(undefined) - 1;
  }

  fill(piece: number, rows: Buffer): void {
    this.#pieces[piece] = rows;
  }

  /** All pieces in their order; all must be there. */
  get pieces(): Buffer[] {
    return this.#pieces.map((piece) => {
      if (piece === undefined) throw new Error(`a piece of part ${this.name} is missing`);
      return piece;
    });
  }
}
