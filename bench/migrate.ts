// SPDX-License-Identifier: Apache-2.0
import { PodAgent } from '../test/e2e/node/pod-agent.js';
import type { BenchOptions } from './frame/bench-options.js';
import type { Measurements } from './frame/bench-result.js';
import { interleave } from './frame/rounds.js';
import { bareDump } from './migrate/bare-dump.js';
import { MigratePlatform, TARGET, type BenchPod } from './migrate/migrate-platform.js';
import { ourFlow, type Moved } from './migrate/our-flow.js';
import { startTime } from './migrate/start-times.js';
import { seedFlow } from './migrate/seed-flow.js';

const MEBIBYTES = 2_048;
const STARTS = 20;

type Numbers = Moved & { readonly bareDump: number };

/** A pod of 2 GiB moves from node to node: ours, ours with precopy, and the prototype's way; see README. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const mebibytes = Math.round(MEBIBYTES * options.scale * (options.quick ? 0.25 : 1));
  const platform = await MigratePlatform.start(mebibytes);
  const agent = platform.real.agent(TARGET);
  const byHand = new PodAgent(platform.real.cluster.node(TARGET));
  const withPod = async (flow: (pod: BenchPod) => Promise<Moved>, also = false): Promise<Numbers> => {
    const pod = await platform.startPod();
    const bare = also ? await bareDump(platform, pod) : NaN;
    const moved = await flow(pod);
    await platform.endPod(pod);
    return { ...moved, bareDump: bare };
  };
  try {
    options.say(`${STARTS} ordinary pods with each RuntimeClass`);
    let pods = 0;
    const { plain, grit } = await interleave<'plain' | 'grit', number>(STARTS, {
      plain: () => startTime(platform, `start-${(pods += 1)}`),
      grit: () => startTime(platform, `start-${(pods += 1)}`, 'grit'),
    });
    const { ours, precopy, seed } = await interleave<'ours' | 'precopy' | 'seed', Numbers>(
      options.rounds,
      {
        ours: () => withPod((pod) => ourFlow(platform, pod, 'stop-and-copy')),
        precopy: () => withPod((pod) => ourFlow(platform, pod, 'precopy'), true),
        seed: () =>
          withPod(async (pod) => {
            // One at a time: both would answer the wrapper.
            await agent.stop();
            await byHand.start();
            const moved = await seedFlow(platform, byHand, pod);
            await byHand.kill();
            await agent.start();
            return { ...moved, frozen: NaN };
          }),
      },
      (round) => options.say(`round ${round} of ${options.rounds}`),
    );
    const figure = (unit: string, samples: readonly number[]): { unit: string; samples: number[] } => ({
      unit,
      samples: [...samples],
    });
    const by = (a: readonly number[], b: readonly number[]): number[] =>
      a.map((value, index) => value / (b[index] ?? NaN));
    const of = (moves: readonly Numbers[], key: keyof Numbers): number[] => moves.map((move) => move[key]);
    return {
      rounds: options.rounds,
      figures: {
        runtime_class_added_ms: figure(
          'ms',
          grit.map((ms, index) => ms - (plain[index] ?? NaN)),
        ),
        pod_start_ms: figure('ms', plain),
        request_to_running_ms: figure('ms', of(ours, 'requestToFirstOutput')),
        pause_ms: figure('ms', of(ours, 'pause')),
        frozen_ms: figure('ms', of(ours, 'frozen')),
        stored_mb: figure(
          'MB',
          of(ours, 'bytes').map((bytes) => bytes / 1e6),
        ),
        lost: figure('counts', of(ours, 'lost')),
        doubled: figure('counts', of(ours, 'doubled')),
        precopy_request_to_running_ms: figure('ms', of(precopy, 'requestToFirstOutput')),
        precopy_pause_ms: figure('ms', of(precopy, 'pause')),
        precopy_frozen_ms: figure('ms', of(precopy, 'frozen')),
        precopy_stored_mb: figure(
          'MB',
          of(precopy, 'bytes').map((bytes) => bytes / 1e6),
        ),
        precopy_lost: figure('counts', of(precopy, 'lost')),
        precopy_doubled: figure('counts', of(precopy, 'doubled')),
        bare_dump_ms: figure('ms', of(precopy, 'bareDump')),
        seed_request_to_running_ms: figure('ms', of(seed, 'requestToFirstOutput')),
        seed_pause_ms: figure('ms', of(seed, 'pause')),
        seed_stored_mb: figure(
          'MB',
          of(seed, 'bytes').map((bytes) => bytes / 1e6),
        ),
        seed_lost: figure('counts', of(seed, 'lost')),
        seed_doubled: figure('counts', of(seed, 'doubled')),
      },
      ratios: {
        request_to_running_vs_seed_flow: by(of(ours, 'requestToFirstOutput'), of(seed, 'requestToFirstOutput')),
        precopy_frozen_vs_dump: by(of(precopy, 'frozen'), of(precopy, 'bareDump')),
      },
    };
  } finally {
    await byHand.kill();
    await platform.stop();
  }
}
