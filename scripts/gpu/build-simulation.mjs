// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { capture } from '../process/run.mjs';
import { ROOT } from '../setup/paths.mjs';
import { SetupError } from '../setup/report.mjs';

/** Builds the simulated GPU to where the acceptance looks for it; make does nothing when it is up to date. */
export async function buildSimulation() {
  const out = join(ROOT, 'test/gpu/workload/dist/simgpu');
  const { code, output } = await capture('make', ['-C', join(ROOT, 'test/fixtures/simgpu'), `OUT=${out}`]);
  if (code !== 0) throw new SetupError(`the simulated GPU cannot be built (it needs make and gcc):\n${output}`);
}
