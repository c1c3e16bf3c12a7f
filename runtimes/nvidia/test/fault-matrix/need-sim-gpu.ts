// SPDX-License-Identifier: Apache-2.0
import { buildSimGpu } from '../../../../test/fixtures/simgpu/index.js';

/** For `before`: leaves the suite out where there can be no simulated GPU. */
export async function needSimGpu(this: Mocha.Context): Promise<void> {
  if (process.getuid?.() !== 0) this.skip('only root makes device nodes');
  await buildSimGpu().catch((error: unknown) => this.skip((error as Error).message));
}
