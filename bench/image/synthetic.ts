// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchOptions } from '../frame/bench-options.js';
import type { Measurements } from '../frame/bench-result.js';
import { interleave } from '../frame/rounds.js';
import { controlCopy, copyTenWays, cp } from './copies.js';
import { makeCorpus } from './corpus.js';
import { ourRound } from './directory-rounds.js';
import { installRivals } from './install-rivals.js';
import { rclone, restic, type Rival } from './rivals.js';
import type { Run } from './timed-run.js';

/** The synthetic corpus through our store, next to the control, the rivals and plain copies. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const programs = await installRivals();
  const work = await mkdtemp('/var/tmp/grit-bench-');
  try {
    options.say('  making the corpus');
    const { first, second } = await makeCorpus(work, options.scale);
    const target = join(work, 'copy');
    const emptied = async (run: () => Promise<Run>): Promise<Run> => {
      await rm(target, { recursive: true, force: true });
      const done = await run();
      await rm(target, { recursive: true, force: true });
      return done;
    };
    const rival = async (tool: Rival): Promise<Record<'first' | 'second' | 'restore', Run>> => ({
      first: await tool.first(first),
      second: await tool.second(second),
      restore: await emptied(() => tool.restore(target)),
    });
    const rounds = await interleave<'ours' | 'control' | 'restic' | 'rclone' | 'cp' | 'tenWays', Record<string, Run>>(
      options.rounds,
      {
        ours: async () => ({ ...(await ourRound(work, first, second)) }),
        control: async () => ({ copy: await emptied(() => controlCopy(first, target)) }),
        restic: () => rival(restic(programs.restic, join(work, 'restic'))),
        rclone: () => rival(rclone(programs.rclone, join(work, 'rclone'))),
        cp: async () => ({ copy: await emptied(() => cp(first, target)) }),
        tenWays: async () => ({ copy: await emptied(() => copyTenWays(first, target)) }),
      },
      (round) => options.say(`  round ${round} of ${options.rounds}`),
    );
    return toMeasurements(options.rounds, rounds);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

type Rounds = Record<'ours' | 'control' | 'restic' | 'rclone' | 'cp' | 'tenWays', Record<string, Run>[]>;

function toMeasurements(rounds: number, all: Rounds): Measurements {
  const of = (who: keyof Rounds, what: string, field: 'seconds' | 'cpu' | 'rssMiB' | 'stored' | 'size'): number[] =>
    all[who].map((round) => (round[what] as unknown as Record<string, number> | undefined)?.[field] ?? NaN);
  const faster = (who: keyof Rounds, what: string, ours: string): number[] =>
    of(who, what, 'seconds').map((theirs, round) => theirs / (of('ours', ours, 'seconds')[round] ?? NaN));
  const percent = (what: string): number[] =>
    of('ours', what, 'stored').map((stored, round) => (100 * stored) / (of('ours', what, 'size')[round] ?? NaN));
  const steps = ['first', 'second', 'restore'] as const;
  return {
    rounds,
    figures: {
      ...Object.fromEntries(steps.map((step) => [`${step}_s`, { unit: 's', samples: of('ours', step, 'seconds') }])),
      ...Object.fromEntries(steps.map((step) => [`${step}_cpu_s`, { unit: 's', samples: of('ours', step, 'cpu') }])),
      control_s: { unit: 's', samples: of('control', 'copy', 'seconds') },
      first_stored_pct: { unit: '%', samples: percent('first') },
      second_stored_pct: { unit: '%', samples: percent('second') },
      peak_rss_mb: {
        unit: 'MiB',
        samples: all.ours.map((_, round) => Math.max(...steps.map((step) => of('ours', step, 'rssMiB')[round] ?? NaN))),
      },
    },
    ratios: {
      ...Object.fromEntries(steps.map((step) => [`${step}_vs_control`, faster('control', 'copy', step)])),
      ...Object.fromEntries(steps.map((step) => [`${step}_vs_restic`, faster('restic', step, step)])),
      ...Object.fromEntries(steps.map((step) => [`${step}_vs_rclone`, faster('rclone', step, step)])),
      ...Object.fromEntries(steps.map((step) => [`${step}_vs_cp`, faster('cp', 'copy', step)])),
      ...Object.fromEntries(steps.map((step) => [`${step}_vs_ten_ways`, faster('tenWays', 'copy', step)])),
    },
  };
}
