// SPDX-License-Identifier: Apache-2.0
import type { CommandContext } from '../command-context.js';
import { printDocument } from '../output/print-document.js';
import { formatTable, type Column } from '../output/table.js';

/** Prints records in the format that was asked for; `none` is said when there are none. */
export function printList<Row>(
  context: CommandContext,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  none: string,
): void {
  const { terminal, format } = context;
  if (printDocument(terminal, format, rows)) return;
  if (rows.length === 0) {
    terminal.error(`${none}\n`);
    return;
  }
  const wide = format === 'wide';
  const shown = columns.filter((column) => wide || column.wide !== true);
  terminal.out(formatTable(rows, shown, wide ? Infinity : terminal.columns));
}
