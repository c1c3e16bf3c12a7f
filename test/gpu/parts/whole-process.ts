// SPDX-License-Identifier: Apache-2.0
// A process with a GPU, through a dump by CRIU, its end, and a restore.
import assert from 'node:assert/strict';
import type { Bed } from '../bed.js';
import { checkCount } from '../count-checksum.js';
import { throughCriu, usable } from '../through-criu.js';

export async function moveProcess(bed: Bed): Promise<void> {
  const { criu, options, report } = bed.ground;
  const mib = options.sizes[0] ?? 1;
  await report.test(`process: dumped by CRIU, killed, restored, ${mib} MiB on the GPU`, async (signal) => {
    usable(criu);
    const job = await bed.startCount(mib);
    try {
      await job.untilLines('step', 5, signal);
      await throughCriu(bed.ground, job, 'process', [], signal);
      const before = (await job.lines('step')).length;
      const lines = await job.untilLines('step', before + 10, signal);
      checkCount(lines, mib);
      assert.deepEqual(await job.lines('wrong'), []);
      return `went on from step ${before} to ${lines.length}, no step left out or done twice, every checksum right`;
    } finally {
      await bed.end(job);
    }
  });
}
