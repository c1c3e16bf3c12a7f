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
    const by = (a: readonly number[], b: readonly number[]): number[] =>
      a.map((value, index) => value / (b[index] ?? NaN));
    const of = (moves: readonly Numbers[], key: keyof Numbers): number[] => moves.map((move) => move[key]);
    return {
      rounds: options.rounds,
      figures: {
        runtime_class_added_ms: { unit: 'ms', samples: grit.map((ms, index) => ms - (plain[index] ?? NaN)) },
        pod_start_ms: { unit: 'ms', samples: plain },
        ...figuresOf('', ours),
        ...figuresOf('precopy_', precopy),
        bare_dump_ms: { unit: 'ms', samples: of(precopy, 'bareDump') },
        ...figuresOf('seed_', seed),
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

/** What was measured of the moves of one kind. */
function figuresOf(prefix: string, moves: readonly Numbers[]): Measurements['figures'] {
  const figures: Record<string, { readonly unit: string; readonly samples: number[] }> = {};
  for (const [name, unit, take] of [
    ['request_to_running_ms', 'ms', ({ requestToFirstOutput }: Numbers) => requestToFirstOutput],
    ['pause_ms', 'ms', ({ pause }: Numbers) => pause],
    ['frozen_ms', 'ms', ({ frozen }: Numbers) => frozen],
    ['stored_mb', 'MB', ({ bytes }: Numbers) => bytes / 1e6],
    ['lost', 'counts', ({ lost }: Numbers) => lost],
    ['doubled', 'counts', ({ doubled }: Numbers) => doubled],
  ] as const) {
    const samples = moves.map(take);
    // The prototype's way has no such moment.
    if (!samples.every(Number.isNaN)) figures[`${prefix}${name}`] = { unit, samples };
  }
  return figures;
}
