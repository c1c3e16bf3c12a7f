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
const LANES = process.env['GRIT_MATRIX'] === 'full' ? FULL : CORE;

describe('every fault at every call to the GPU driver', function () {
  this.timeout(300_000);
  const lanes: { readonly job: Job; readonly target: number }[] = [];
  let tried = 0;

  before(needSimGpu);
  before(async () => {
    const started = LANES.map(async ({ size, target }) => ({ job: await Job.start(size), target }));
    lanes.push(...(await Promise.all(started)));
  });
  after(async () => {
    await Promise.all(lanes.map(async ({ job }) => job.stop()));
    if (tried > 0) console.log(`      ${tried} combinations of call, fault, and number of processes`);
  });

  for (const row of ROWS) {
    it(row.title, async () => {
      await Promise.all(lanes.map(async ({ job, target }) => tryAll(job, row, target)));
    });
  }

  async function tryAll(job: Job, row: Row, target: number): Promise<void> {
    for (const fault of faultsOf(row)) {
      const place = `${fault} for process ${target + 1} of ${job.counters.length}`;
      await tryFault(job, row, fault, target).catch((cause: unknown) => {
        throw new Error(`${row.title}, ${place}: ${(cause as Error).message}`, { cause });
      });
      tried++;
    }
  }
});
