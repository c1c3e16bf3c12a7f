// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedRedis } from '@grit/queue';
import type { BenchOptions } from './frame/bench-options.js';
import type { Measurements } from './frame/bench-result.js';
import { interleave } from './frame/rounds.js';
import { median } from './frame/summary.js';
import { openGrit, openPlain, type Transport } from './queue/transports.js';

/** Submissions on their way at a time. */
const WINDOW = 200;

interface Numbers {
  readonly jobsPerSecond: number;
  readonly latencyMs: number;
}

/** Our JobQueue and plain BullMQ on the same embedded Redis: throughput, and latency of single jobs. */
export async function measure(options: BenchOptions): Promise<Measurements> {
  const directory = await mkdtemp(join(tmpdir(), 'grit-bench-'));
  const redis = await EmbeddedRedis.start({ stateDirectory: directory }, new AbortController().signal);
  const size = options.quick ? { jobs: 5_000, singles: 200 } : { jobs: 20_000, singles: 500 };
  try {
    const { path } = redis.endpoint;
    const numbers = await interleave<'grit' | 'plain', Numbers>(
      options.rounds,
      { grit: () => contend(() => openGrit(path), size), plain: () => contend(() => openPlain(path), size) },
      (round) => options.say(`round ${round} of ${options.rounds}`),
    );
    const rate = (of: readonly Numbers[]): number[] => of.map(({ jobsPerSecond }) => jobsPerSecond);
    const latency = (of: readonly Numbers[]): number[] => of.map(({ latencyMs }) => latencyMs);
    const byPlain = (of: (numbers: readonly Numbers[]) => number[]): number[] => {
      const yardstick = of(numbers.plain);
      return of(numbers.grit).map((value, index) => value / (yardstick[index] ?? NaN));
    };
    return {
      rounds: options.rounds,
      figures: {
        jobs_per_s: { unit: 'jobs/s', samples: rate(numbers.grit) },
        submit_to_handler_p50_ms: { unit: 'ms', samples: latency(numbers.grit) },
        plain_jobs_per_s: { unit: 'jobs/s', samples: rate(numbers.plain) },
        plain_submit_to_handler_p50_ms: { unit: 'ms', samples: latency(numbers.plain) },
      },
      ratios: { jobs_per_s_by_plain: byPlain(rate), submit_to_handler_by_plain: byPlain(latency) },
    };
  } finally {
    await redis.stop();
    await rm(directory, { recursive: true });
  }
}

async function contend(
  open: () => Promise<Transport>,
  size: { readonly jobs: number; readonly singles: number },
): Promise<Numbers> {
  const transport = await open();
  try {
    return {
      latencyMs: await measureLatency(transport, size.singles),
      jobsPerSecond: await measureRate(transport, size.jobs),
    };
  } finally {
    await transport.close();
  }
}

/** From the call of submit to the entry of the handler, one job at a time, the consumer being idle. */
async function measureLatency(transport: Transport, jobs: number): Promise<number> {
  const samples: number[] = [];
  for (let job = 0; job < jobs; job += 1) {
    const { promise: entered, resolve } = Promise.withResolvers<number>();
    transport.onJob = () => resolve(performance.now());
    const start = performance.now();
    await transport.submit(job);
    samples.push((await entered) - start);
    await transport.idle();
  }
  return median(samples);
}

/** Submitting and handling at once, from the first submission to the last handler's end. */
async function measureRate(transport: Transport, jobs: number): Promise<number> {
  const { promise: done, resolve } = Promise.withResolvers<number>();
  let handled = 0;
  transport.onJob = () => {
    handled += 1;
    if (handled === jobs) resolve(performance.now());
  };
  const start = performance.now();
  let submitted = 0;
  const submitter = async (): Promise<void> => {
    while (submitted < jobs) await transport.submit(submitted++);
  };
  await Promise.all(Array.from({ length: WINDOW }, submitter));
  const elapsed = (await done) - start;
  return jobs / (elapsed / 1_000);
}
