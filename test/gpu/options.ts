// SPDX-License-Identifier: Apache-2.0
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';

/** What the acceptance is told. */
export interface GpuOptions {
  /** Against the simulated GPU: every line of the output says so. */
  readonly simulated: boolean;
  readonly rounds: number;
  /** Device memory of the counting program, MiB; one row of the table each. */
  readonly sizes: readonly number[];
  /** Where the result is written. */
  readonly json: string | undefined;
  /** Where images and logs go; images need as much room as the memory of the workloads. */
  readonly directory: string;
}

export const USAGE =
  'npm run test:gpu -- [--simulated] [--rounds N] [--mib N,N…] [--json FILE] [--directory DIR]   (or ./run.sh …)';

export function parseGpuOptions(args: readonly string[]): GpuOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      simulated: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      mib: { type: 'string' },
      json: { type: 'string' },
      directory: { type: 'string', default: tmpdir() },
    },
  });
  // 256 MiB shows what a call costs by itself, 4 GiB what the bytes cost.
  const sizes = values.mib ?? (values.simulated ? '4,16' : '256,4096');
  return {
    simulated: values.simulated,
    rounds: wholeNumber('--rounds', values.rounds),
    sizes: sizes.split(',').map((size) => wholeNumber('--mib', size)),
    json: values.json,
    directory: values.directory,
  };
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`${option} ${text} is no number of at least 1`);
}
