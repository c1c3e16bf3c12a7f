// SPDX-License-Identifier: Apache-2.0
import { startKubePlatform, type KubePlatform } from '../test/e2e/kubernetes/platform.js';
import type { BenchOptions } from './frame/bench-options.js';
import type { Measurements } from './frame/bench-result.js';
import { migrateAll } from './scale/migrate-all.js';
import { percentile } from './scale/percentile.js';
import { startPods } from './scale/start-pods.js';
import { JobArrivals, timeSingles } from './scale/time-singles.js';

/** A full cluster that is moved at once: every pod gets a Migration, all made together; see README. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const size = options.quick ? { nodes: 20, pods: 200, singles: 20 } : { nodes: 100, pods: 2_000, singles: 100 };
  const pods = Math.round(size.pods * options.scale);
  const arrivals = new JobArrivals();
  const names = Array.from({ length: size.nodes }, (_, index) => `sim-${index}`);
  const platform = await startKubePlatform({ nodes: names, onJob: (job) => arrivals.add(job) });
  try {
    options.say(`${pods} pods on ${size.nodes} nodes`);
    await startPods(platform, pods);
    options.say(`${size.singles} single Checkpoints`);
    const singles = await timeSingles(platform, arrivals, size.singles);
    // Its counts begin anew, and its memory is that of a controller that comes to a full cluster.
    await platform.controller.stop();
    await platform.controller.start();
    await timeSingles(platform, arrivals, 1, 'awake');
    options.say(`${pods} Migrations`);
    const storm = await migrateAll(platform, options.say);
    const memory = await platform.controller.peakMemoryMiB();
    await platform.controller.stop();
    const calls = await apiCalls(platform);
    const total = [...calls.values()].reduce((sum, count) => sum + count, 0);
    for (const [call, count] of [...calls].sort(([, a], [, b]) => b - a)) {
      options.say(`  ${(count / pods).toFixed(2).padStart(8)} ${call}`);
    }
    judge(platform, pods);
    const figure = (unit: string, value: number): { unit: string; samples: number[] } => ({ unit, samples: [value] });
    return {
      rounds: 1,
      figures: {
        failed: figure('migrations', storm.failed),
        controller_rss_mb: figure('MiB', memory),
        cr_to_node_job_p50_ms: figure('ms', percentile(singles, 0.5)),
        cr_to_node_job_p99_ms: figure('ms', percentile(singles, 0.99)),
        api_calls_per_migration: figure('calls', total / pods),
        api_calls_per_s: figure('calls/s', total / storm.wallSeconds),
        migrations_per_s: figure('1/s', pods / storm.wallSeconds),
        wall_s: figure('s', storm.wallSeconds),
        migration_p50_s: figure('s', percentile(storm.seconds, 0.5)),
        migration_p99_s: figure('s', percentile(storm.seconds, 0.99)),
        migration_max_s: figure('s', Math.max(...storm.seconds)),
      },
      ratios: {},
    };
  } finally {
    await platform.stop();
  }
}

/** The controller's own calls by verb and resource: it logs them when it ends. */
async function apiCalls(platform: KubePlatform): Promise<ReadonlyMap<string, number>> {
  const lines = (await platform.controller.log())
    .split('\n')
    .filter((line) => line.includes('calls to the API server'));
  const fields = Object.entries(JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>);
  const calls = fields.filter(
    (field): field is [string, number] => field[0].includes(' ') && typeof field[1] === 'number',
  );
  if (calls.length === 0) throw new Error('the controller did not log its calls');
  return new Map(calls);
}

/** A fast wrong answer is none. */
function judge({ observer }: KubePlatform, pods: number): void {
  const starts = observer.history.filter((line) => line.endsWith('started fresh')).length;
  const wrong = [...observer.violations, ...observer.repeatedWork];
  if (starts !== pods) wrong.push(`${starts} pods were started fresh, not ${pods}`);
  if (wrong.length > 0) throw new Error(`wrong: ${wrong.slice(0, 10).join('; ')}`);
}
