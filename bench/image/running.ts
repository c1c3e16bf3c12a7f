// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchOptions } from '../frame/bench-options.js';
import type { Measurements } from '../frame/bench-result.js';
import { interleave } from '../frame/rounds.js';
import { getCommand, put } from './ours.js';
import { RuncJob } from './runc-job.js';
import { settle, shell } from './timed-run.js';

const LAYERS = 12;

/** Time to a running process from a store that is not in the page cache: ours, and `cp` with `runc restore`. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const work = await mkdtemp('/var/tmp/grit-bench-');
  const [bundle, image, store, local] = ['job', 'image', 'store', 'local'].map((name) => join(work, name)) as [
    string,
    string,
    string,
    string,
  ];
  await mkdir(bundle);
  const layers = Math.max(1, Math.round(LAYERS * options.scale));
  const job = await RuncJob.start(bundle, { kind: 'full', layers, steps: 2 });
  try {
    await job.reached(2);
    await job.dump(image, { leaveRunning: false });
    await put(store, 'image', image);
    const untilRunning = async (command: string): Promise<number> => {
      await settle();
      const started = performance.now();
      await shell(`${command} && ${job.restoreCommand(local)}`);
      const seconds = (performance.now() - started) / 1000;
      await job.kill();
      await rm(local, { recursive: true });
      return seconds;
    };
    const { ours, copied } = await interleave<'ours' | 'copied', number>(
      options.rounds,
      {
        ours: () => untilRunning(getCommand(store, 'image', local)),
        copied: () => untilRunning(`cp -r ${image} ${local}`),
      },
      (round) => options.say(`  round ${round} of ${options.rounds}`),
    );
    return {
      rounds: options.rounds,
      figures: {
        running_s: { unit: 's', samples: ours },
        running_cp_s: { unit: 's', samples: copied },
      },
      ratios: { running_vs_cp: copied.map((theirs, round) => theirs / (ours[round] ?? NaN)) },
    };
  } finally {
    await job.remove();
    await rm(work, { recursive: true, force: true });
  }
}
