// SPDX-License-Identifier: Apache-2.0
import { wrap } from './wrap.js';

/** A column of a table of `Row`s. */
export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'right';
  /** May be cut with an ellipsis when the table is too wide; ids and names are not, so that they can be copied. */
  readonly shrinks?: boolean;
  /** Goes on in the next lines, below itself, when the table is too wide; for text that is to be read whole. */
  readonly wraps?: boolean;
  /** Shown with `-o wide` only. */
  readonly wide?: boolean;
}

const GAP = '  ';
const SHORTEST = 8;
/** A column that wraps is not made narrower. */
const NARROWEST = 20;

/** A table of text, no line longer than `width` unless what must not be cut is longer. */
export function formatTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], width = Infinity): string {
  const cells = rows.map((row) => columns.map((column) => column.value(row).replaceAll(/\s+/g, ' ')));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((line) => line[index]?.length ?? 0)),
  );
  shrink(widths, columns, width);
  const lines = [columns.map((column) => column.title), ...cells]
    .flatMap((line) => wrapRow(line, columns, widths))
    .map((line) =>
      line
        .map((cell, index) => fit(cell, widths[index] ?? 0, columns[index]?.align))
        .join(GAP)
        .trimEnd(),
    );
  return `${lines.join('\n')}\n`;
}

function shrink<Row>(widths: number[], columns: readonly Column<Row>[], width: number): void {
  let excess = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (widths.length - 1) - width;
  while (excess > 0) {
    let widest = -1;
    for (const [index, each] of widths.entries()) {
      const { shrinks = false, wraps = false } = columns[index] ?? {};
      const least = wraps ? NARROWEST : shrinks ? SHORTEST : Infinity;
      if (each > least && each > (widths[widest] ?? 0)) widest = index;
    }
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess--;
  }
}

/** The lines of a row: only cells that wrap have text in more than the first. */
function wrapRow<Row>(
  cells: readonly string[],
  columns: readonly Column<Row>[],
  widths: readonly number[],
): readonly string[][] {
  const pieces = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    if (columns[index]?.wraps !== true || cell.length <= width) return [cell];
    // Paths and the like have no place to break at.
    return wrap(cell.replaceAll(new RegExp(`\\S{${width}}(?=\\S)`, 'g'), '$& '), width).split('\n');
  });
  const count = Math.max(...pieces.map(({ length }) => length));
  return Array.from({ length: count }, (_, line) => pieces.map((piece) => piece[line] ?? ''));
}

function fit(cell: string, width: number, align: 'right' | undefined): string {
  const text = cell.length > width ? `${cell.slice(0, Math.max(0, width - 1))}…` : cell;
  return align === 'right' ? text.padStart(width) : text.padEnd(width);
}
