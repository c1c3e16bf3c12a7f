// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchResult } from '../../bench/frame/bench-result.js';
import { sourceCommit } from '../../bench/frame/source-commit.js';
import { summarize } from '../../bench/frame/summary.js';
import type { Bed } from './bed.js';
import type { GpuMachine } from './gpu-machine.js';
import type { Outcome } from './report.js';

/** The format of all benches, with the machine's GPUs and how each test ended. */
export interface GpuResult extends BenchResult {
  /** `gpu-simulated` is no measurement of anything: the simulation takes the times that it is told. */
  readonly name: 'gpu' | 'gpu-simulated';
  readonly simulated: boolean;
  readonly machine: GpuMachine;
  readonly tests: readonly Outcome[];
}

export async function gpuResult({ ground }: Bed, machine: GpuMachine): Promise<GpuResult> {
  const { figures, options, report } = ground;
  const names = figures.names();
  const ratios = names.filter((name) => name.startsWith('calls_')).map((name) => name.slice('calls_'.length));
  return {
    name: options.simulated ? 'gpu-simulated' : 'gpu',
    simulated: options.simulated,
    commit: await commit(),
    machine,
    rounds: options.rounds,
    figures: Object.fromEntries(names.map((name) => [name, { ...summarize(figures.get(name)), unit: 'ms' }])),
    ratios: Object.fromEntries(
      ratios.flatMap((name) => {
        const [ours, theirs] = [figures.get(`calls_${name}`), figures.get(`cli_${name}`)];
        if (theirs.length !== ours.length) return [];
        const samples = ours.map((time, round) => time / (theirs[round] ?? NaN));
        return [[`${name.replace(/_ms$/, '')}_by_cli`, summarize(samples)]];
      }),
    ),
    tests: report.outcomes,
  };
}

/** An archive has it in a file. */
async function commit(): Promise<string> {
  const packed = await readFile(join(import.meta.dirname, 'COMMIT'), 'utf8').catch(() => undefined);
  return packed === undefined ? await sourceCommit() : packed.trim();
}
