// SPDX-License-Identifier: Apache-2.0
import type { BenchResult } from './bench-result.js';
import type { Summary } from './summary.js';

/** The result as a table for people. */
export function printResult(result: BenchResult): string {
  const { machine } = result;
  const rows = [
    ['', 'median', 'min', 'max', ''],
    ...Object.entries(result.figures).map(([name, figure]) => row(name, figure, figure.unit)),
    ...Object.entries(result.ratios).map(([name, ratio]) => row(name, ratio, '×')),
  ];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
  const where = `${machine.cores} × ${machine.cpu}, Linux ${machine.kernel}, Node ${machine.node}, load ${machine.load}`;
  return [`bench ${result.name}, ${result.rounds} rounds, ${result.commit}`, where, ...lines].join('\n');
}

function row(name: string, { median, min, max }: Summary, unit: string): string[] {
  return [name, String(median), String(min), String(max), unit];
}
