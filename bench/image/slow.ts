// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchOptions } from '../frame/bench-options.js';
import type { Measurements } from '../frame/bench-result.js';
import { interleave } from '../frame/rounds.js';
import { controlCopy } from './copies.js';
import { makeCorpus } from './corpus.js';
import { get, put } from './ours.js';
import { SlowDisk } from './slow-disk.js';

/** Of the synthetic corpus: enough to see the brake, at 200 MB/s. */
const SHARE = 0.25;

/** A store behind 200 MB/s: time follows the bytes. Seconds of each step by those of the control copy on the same disk. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  if (!existsSync('/sys/fs/cgroup/blkio/cgroup.procs')) {
    options.say('  left out: needs the blkio controller of cgroup v1');
    return { rounds: 0, figures: {}, ratios: {} };
  }
  const work = await mkdtemp('/var/tmp/grit-bench-');
  const scale = options.scale * SHARE;
  const disk = await SlowDisk.make(work, Math.ceil(5200 * scale * 2.5) + 512);
  try {
    const { first, second } = await makeCorpus(work, scale);
    const [copy, store] = [join(disk.path, 'copy'), join(disk.path, 'store')];
    await disk.brake(true);
    const { ours, control } = await interleave<'ours' | 'control', Record<'first' | 'second' | 'restore', number>>(
      options.rounds,
      {
        ours: async () => {
          const times = {
            first: (await put(store, 'first', first)).seconds,
            second: (await put(store, 'second', second, 'first')).seconds,
            restore: (await get(store, 'second', join(work, 'back'))).seconds,
          };
          await rm(store, { recursive: true });
          await rm(join(work, 'back'), { recursive: true });
          return times;
        },
        control: async () => {
          const there = (await controlCopy(second, copy)).seconds;
          const back = (await controlCopy(copy, join(work, 'back'))).seconds;
          await rm(copy, { recursive: true });
          await rm(join(work, 'back'), { recursive: true });
          return { first: there, second: there, restore: back };
        },
      },
      (round) => options.say(`  round ${round} of ${options.rounds}`),
    );
    const steps = ['first', 'second', 'restore'] as const;
    const ratio = (step: (typeof steps)[number]): number[] =>
      control.map((numbers, round) => numbers[step] / (ours[round]?.[step] ?? NaN));
    return {
      rounds: options.rounds,
      figures: { slow_control_s: { unit: 's', samples: control.map(({ first: there }) => there) } },
      ratios: Object.fromEntries(steps.map((step) => [`slow_${step}_vs_control`, ratio(step)])),
    };
  } finally {
    await disk.remove();
    await rm(work, { recursive: true, force: true });
  }
}
