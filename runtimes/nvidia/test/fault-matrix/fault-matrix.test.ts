// SPDX-License-Identifier: Apache-2.0
import { Job } from './job.js';
import { needSimGpu } from './need-sim-gpu.js';
import { faultsOf, ROWS, type Row } from './rows.js';
import { tryFault } from './trial.js';

/** Sizes of the job, and which of its processes the fault is for. Each runs beside the others, on a node of its own. */
const CORE = [
  { size: 1, target: 0 },
  { size: 2, target: 1 },
  { size: 4, target: 0 },
] as const;
const FULL = [...CORE, { size: 2, target: 0 }, { size: 4, target: 3 }] as const;

interface Lane {
  readonly target: number;
  job: Job;
}

describe('every fault at every call to the GPU driver', function () {
  this.timeout(300_000);
  const lanes: Lane[] = [];
  let tried = 0;

  before(needSimGpu);
  before(async () => {
    const wanted = process.env['GRIT_MATRIX'] === 'full' ? FULL : CORE;
    const started = wanted.map(async ({ size, target }) => ({ job: await Job.start(size), target }));
    lanes.push(...(await Promise.all(started)));
  });
  after(async () => {
    await Promise.all(lanes.map(async ({ job }) => job.stop()));
    if (tried > 0) console.log(`      ${tried} combinations of call, fault, and number of processes`);
  });

  for (const row of ROWS) {
    it(row.title, async () => {
      const ended = await Promise.allSettled(lanes.map(async (lane) => tryAll(lane, row)));
      const failed = ended.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason as Error;
    });
  }

  async function tryAll(lane: Lane, row: Row): Promise<void> {
    const size = lane.job.counters.length;
    for (const fault of faultsOf(row)) {
      try {
        await tryFault(lane.job, row, fault, lane.target);
        tried++;
      } catch (cause) {
        // The next row is for a job that is whole.
        await lane.job.stop();
        lane.job = await Job.start(size);
        const place = `${row.title}, ${fault} for process ${lane.target + 1} of ${size}`;
        throw new Error(`${place}: ${(cause as Error).message}`, { cause });
      }
    }
  }
});
