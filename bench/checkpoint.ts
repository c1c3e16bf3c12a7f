// SPDX-License-Identifier: Apache-2.0
import type { BenchOptions } from './frame/bench-options.js';
import type { Measurements } from './frame/bench-result.js';
import { interleave } from './frame/rounds.js';
import { GritJob } from './checkpoint/grit-job.js';

const MEBIBYTES = 100;

/** What `grit checkpoint` costs on top of `runc checkpoint` of the same job. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const job = await GritJob.start(MEBIBYTES);
  try {
    const { grit, runc } = await interleave<'grit' | 'runc', number>(
      options.rounds,
      { grit: () => job.checkpoint(), runc: () => job.runcCheckpoint() },
      (round) => options.say(`round ${round} of ${options.rounds}`),
    );
    const paired = (of: (grit: number, runc: number) => number): number[] =>
      grit.map((value, index) => of(value, runc[index] ?? NaN));
    return {
      rounds: options.rounds,
      figures: {
        added_ms: { unit: 'ms', samples: paired((ours, theirs) => ours - theirs) },
        grit_checkpoint_ms: { unit: 'ms', samples: grit },
        runc_checkpoint_ms: { unit: 'ms', samples: runc },
      },
      ratios: { grit_by_runc: paired((ours, theirs) => ours / theirs) },
    };
  } finally {
    await job.stop();
  }
}
