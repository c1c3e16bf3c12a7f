// SPDX-License-Identifier: Apache-2.0
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchOptions } from '../frame/bench-options.js';
import type { Measurements } from '../frame/bench-result.js';
import { interleave } from '../frame/rounds.js';
import { controlCopy } from './copies.js';
import { get, put, type StoreRun } from './ours.js';
import { RuncJob, type JobShape } from './runc-job.js';

const KINDS: readonly JobShape['kind'][] = ['full', 'lora', 'serve'];

/** At which step each of the three images is taken. */
const STEPS = [2, 4, 14] as const;

/** Layers at full size: 152 million parameters. */
const LAYERS = 12;

type Numbers = Readonly<Record<'first' | 'second' | 'third' | 'restore', StoreRun>>;

/** Three images of each of three real PyTorch jobs, next to the control copy of the second. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const all: Measurements[] = [];
  for (const kind of KINDS) all.push(await measureJob(kind, options));
  return {
    rounds: options.rounds,
    figures: Object.assign({}, ...all.map(({ figures }) => figures)) as Measurements['figures'],
    ratios: Object.assign({}, ...all.map(({ ratios }) => ratios)) as Measurements['ratios'],
  };
}

async function measureJob(kind: JobShape['kind'], options: BenchOptions): Promise<Measurements> {
  const work = await mkdtemp('/var/tmp/grit-bench-');
  try {
    options.say(`  ${kind}: three images`);
    const images = await takeImages(work, kind, Math.max(1, Math.round(LAYERS * options.scale)));
    const { ours, control } = await interleave<'ours' | 'control', Numbers | number>(
      options.rounds,
      {
        ours: () => ourRound(work, images),
        control: async () => {
          const { seconds } = await controlCopy(images[1], join(work, 'copy'));
          await rm(join(work, 'copy'), { recursive: true });
          return seconds;
        },
      },
      (round) => options.say(`  ${kind}: round ${round} of ${options.rounds}`),
    );
    return toMeasurements(kind, options.rounds, ours as Numbers[], control as number[]);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function takeImages(work: string, kind: JobShape['kind'], layers: number): Promise<[string, string, string]> {
  const bundle = join(work, 'job');
  await mkdir(bundle);
  const job = await RuncJob.start(bundle, { kind, layers });
  try {
    const take = async (index: 0 | 1 | 2): Promise<string> => {
      await job.reached(STEPS[index]);
      const directory = join(work, `image-${index + 1}`);
      await job.dump(directory, { leaveRunning: true });
      return directory;
    };
    return [await take(0), await take(1), await take(2)];
  } finally {
    await job.remove();
  }
}

async function ourRound(work: string, [first, second, third]: readonly [string, string, string]): Promise<Numbers> {
  const [store, back] = [join(work, 'store'), join(work, 'back')];
  const numbers = {
    first: await put(store, 'first', first),
    second: await put(store, 'second', second, 'first'),
    third: await put(store, 'third', third, 'second', 'first'),
    restore: await get(store, 'second', back),
  };
  await rm(store, { recursive: true });
  await rm(back, { recursive: true });
  return numbers;
}

function toMeasurements(
  kind: string,
  rounds: number,
  ours: readonly Numbers[],
  control: readonly number[],
): Measurements {
  const seconds = (step: keyof Numbers): number[] => ours.map((numbers) => numbers[step].seconds);
  const ratio = (step: keyof Numbers): number[] => seconds(step).map((value, round) => (control[round] ?? NaN) / value);
  const percent = (step: keyof Numbers): number[] =>
    ours.map((numbers) => (100 * numbers[step].stored) / numbers[step].size);
  return {
    rounds,
    figures: {
      [`${kind}_image_mb`]: { unit: 'MB', samples: ours.map(({ second }) => second.size / 1e6) },
      [`${kind}_control_s`]: { unit: 's', samples: control },
      [`${kind}_first_s`]: { unit: 's', samples: seconds('first') },
      [`${kind}_second_s`]: { unit: 's', samples: seconds('second') },
      [`${kind}_restore_s`]: { unit: 's', samples: seconds('restore') },
      [`${kind}_first_stored_pct`]: { unit: '%', samples: percent('first') },
      [`${kind}_second_stored_pct`]: { unit: '%', samples: percent('second') },
      [`${kind}_third_stored_pct`]: { unit: '%', samples: percent('third') },
      [`${kind}_peak_rss_mb`]: {
        unit: 'MiB',
        samples: ours.map((numbers) => Math.max(...Object.values(numbers).map(({ rssMiB }: StoreRun) => rssMiB))),
      },
    },
    ratios: {
      [`${kind}_first_vs_control`]: ratio('first'),
      [`${kind}_second_vs_control`]: ratio('second'),
      [`${kind}_restore_vs_control`]: ratio('restore'),
    },
  };
}
