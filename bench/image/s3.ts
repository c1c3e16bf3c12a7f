// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startVersitygw, type Versitygw } from '../../test/fixtures/object-stores/versitygw.js';
import type { BenchOptions } from '../frame/bench-options.js';
import type { Measurements } from '../frame/bench-result.js';
import { interleave } from '../frame/rounds.js';
import { makeCorpus } from './corpus.js';
import { installRivals } from './install-rivals.js';
import { get, put, type StoreRun } from './ours.js';
import { rcloneToS3, resticToS3, s3Environment } from './s3-rivals.js';
import { shell, type Run } from './timed-run.js';

/** Of the synthetic corpus: a round of all takes less than a minute. */
const SHARE = 0.2;
const STEPS = ['first', 'second', 'restore'] as const;
/** The mebibytes of restic's packs; the better of both counts, step by step. */
const PACK_SIZES = [undefined, 64] as const;

type Round = Record<(typeof STEPS)[number], Run>;
type Contender = 'ours' | 'rclone' | 'restic' | 'restic64';

/** The synthetic corpus in a bucket: ours, rclone and restic, in turns on one server over a local disk. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const programs = await installRivals();
  const work = await mkdtemp('/var/tmp/grit-bench-');
  const server = await startVersitygw({ directory: join(work, 'buckets') });
  try {
    options.say('  making the corpus');
    const { first, second } = await makeCorpus(work, options.scale * SHARE);
    const back = join(work, 'back');
    const emptied = async (round: (prefix: string) => Promise<Round>, prefix: string): Promise<Round> => {
      const done = await round(prefix);
      await rm(back, { recursive: true, force: true });
      await rm(join(server.files, prefix), { recursive: true, force: true });
      return done;
    };
    const [restic, restic64] = PACK_SIZES.map((packSize) => async (prefix: string): Promise<Round> => {
      const tool = resticToS3(programs.restic, server, { prefix, cache: join(work, 'cache'), packSize });
      return { first: await tool.first(first), second: await tool.second(second), restore: await tool.restore(back) };
    });
    const rclone = async (prefix: string): Promise<Round> => {
      const tool = rcloneToS3(programs.rclone, server, prefix);
      return { first: await tool.first(first), second: await tool.second(second), restore: await tool.restore(back) };
    };
    const ours = (prefix: string): Promise<Round> => ourRound(server, prefix, { first, second, back });
    const rounds = await interleave<Contender, Round>(
      options.rounds,
      {
        ours: () => emptied(ours, 'ours'),
        rclone: () => emptied(rclone, 'rclone'),
        ...(restic && { restic: () => emptied(restic, 'restic') }),
        ...(restic64 && { restic64: () => emptied(restic64, 'restic64') }),
      } as Record<Contender, () => Promise<Round>>,
      (round) => options.say(`  round ${round} of ${options.rounds}`),
    );
    return toMeasurements(options.rounds, rounds);
  } finally {
    await server.stop();
    await rm(work, { recursive: true, force: true });
  }
}

/** Stores the first, then the second beside it, and brings the second back; checks that it is the same. */
async function ourRound(
  server: Versitygw,
  prefix: string,
  { first, second, back }: { readonly first: string; readonly second: string; readonly back: string },
): Promise<Round> {
  const [store, environment] = [`${server.endpoint}/${server.bucket}/${prefix}/`, s3Environment(server)];
  const round = {
    first: await put({ store, environment }, 'first', first),
    second: await put({ store, environment }, 'second', second, 'first'),
    restore: await get({ store, environment }, 'second', back),
  };
  await shell(`diff -r ${second} ${back}`);
  return round;
}

function toMeasurements(rounds: number, all: Record<Contender, readonly Round[]>): Measurements {
  const seconds = (who: Contender, step: keyof Round): number[] => all[who].map((round) => round[step].seconds);
  const ours = (step: keyof Round): StoreRun[] => all.ours.map((round) => round[step] as StoreRun);
  const best = (step: keyof Round): number[] => {
    const large = seconds('restic64', step);
    return seconds('restic', step).map((small, round) => Math.min(small, large[round] ?? small));
  };
  const faster = (theirs: readonly number[], step: keyof Round): number[] =>
    seconds('ours', step).map((own, round) => (theirs[round] ?? NaN) / own);
  const each = <T>(entry: (step: keyof Round) => [string, T]): Record<string, T> =>
    Object.fromEntries(STEPS.map((step) => entry(step)));
  return {
    rounds,
    figures: {
      ...each((step) => [`${step}_s`, { unit: 's', samples: seconds('ours', step) }]),
      ...each((step) => [`${step}_cpu_s`, { unit: 's', samples: ours(step).map(({ cpu }) => cpu) }]),
      ...each((step) => [`${step}_rss_mb`, { unit: 'MiB', samples: ours(step).map(({ rssMiB }) => rssMiB) }]),
      ...each((step) => [`rclone_${step}_s`, { unit: 's', samples: seconds('rclone', step) }]),
      ...each((step) => [`restic_${step}_s`, { unit: 's', samples: best(step) }]),
    },
    ratios: {
      ...each((step) => [`${step}_vs_rclone`, faster(seconds('rclone', step), step)]),
      ...each((step) => [`${step}_vs_restic`, faster(best(step), step)]),
    },
  };
}
