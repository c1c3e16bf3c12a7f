// SPDX-License-Identifier: Apache-2.0
import type { DeviceUse } from '@grit/plugin-api';
import { Job } from './job.js';
import { needSimGpu } from './need-sim-gpu.js';

/** For a suite: each of its tests has a job of so many processes, all of which use a GPU. */
export function eachWithJob(size: number, take: (job: Job, uses: readonly DeviceUse[]) => void): void {
  let job: Job;
  before(needSimGpu);
  beforeEach(async () => {
    job = await Job.start(size);
    take(job, await job.uses());
  });
  afterEach(async () => job.stop());
}
