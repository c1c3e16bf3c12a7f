// SPDX-License-Identifier: Apache-2.0
// A PyTorch training loop: the weights of a run that was dumped and restored in the middle are those of an undisturbed run.
import assert from 'node:assert/strict';
import type { Bed } from '../bed.js';
import { findPython } from '../find-python.js';
import type { Job } from '../process/job.js';
import { Skip } from '../report.js';
import { throughCriu, usable } from '../through-criu.js';

const STEPS = 200;
const CAUGHT_AT = 60;

export async function moveTraining(bed: Bed): Promise<void> {
  const { criu, options, report } = bed.ground;
  // The simulation cannot run PyTorch's kernels: there only the way through CRIU is tried, with the work on the CPU.
  const device = options.simulated ? 'cpu' : 'cuda';
  const where = options.simulated ? 'on the CPU, no GPU in it' : 'on the GPU';
  await report.test(
    `training: PyTorch ${where}, dumped and restored at step ${CAUGHT_AT} of ${STEPS}`,
    async (signal) => {
      usable(criu);
      const python = await findPython(bed.ground, device === 'cuda', signal);
      if ('reason' in python) throw new Skip(python.reason);
      const undisturbed = await finish(bed.startTraining(python.program, STEPS, device), signal);

      const job = bed.startTraining(python.program, STEPS, device);
      await job.untilLines('step', CAUGHT_AT, signal);
      await throughCriu(bed.ground, job, 'training', device === 'cuda' ? [] : 'none', signal);
      assert.ok((await job.lines('step')).length < STEPS, 'it was over before it was dumped');
      const disturbed = await finish(job, signal);

      assert.deepEqual(disturbed.steps, undisturbed.steps, 'the losses of the steps');
      assert.equal(disturbed.weights, undisturbed.weights);
      return `PyTorch ${python.torch}, ${disturbed.weights}, all ${STEPS} losses the same`;
    },
  );
}

async function finish(job: Job, signal: AbortSignal): Promise<{ steps: string[]; weights: string }> {
  const [weights = ''] = await job.untilLines('weights', 1, signal);
  await job.untilGone(signal);
  return { steps: await job.lines('step'), weights };
}
