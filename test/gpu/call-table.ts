// SPDX-License-Identifier: Apache-2.0
import { summarize } from '../../bench/frame/summary.js';
import type { Figures } from './figures.js';

const CALLS = ['lock', 'checkpoint', 'restore', 'unlock'];

/** The medians of the four calls, ours beside those of cuda-checkpoint, milliseconds. */
export function callTable(figures: Figures, sizes: readonly number[]): string {
  const median = (who: string, call: string, mib: number): string => {
    const samples = figures.get(`${who}_${call}_${mib}mib_ms`);
    return samples.length === 0 ? '-' : String(summarize(samples).median);
  };
  const rows = sizes.flatMap((mib) =>
    CALLS.map((call) => [`${mib} MiB`, call, median('calls', call, mib), median('cli', call, mib)]),
  );
  return [['', '', 'GRIT ms', 'cuda-checkpoint ms'], ...rows]
    .map(([size = '', call = '', ours = '', theirs = '']) =>
      [size.padStart(10), call.padEnd(11), ours.padStart(10), theirs.padStart(18)].join('  '),
    )
    .join('\n');
}
