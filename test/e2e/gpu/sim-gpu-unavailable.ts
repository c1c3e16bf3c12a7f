// SPDX-License-Identifier: Apache-2.0
import { buildSimGpu } from '../../fixtures/simgpu/index.js';

/** What this machine lacks to build the simulated GPU, as reason to skip a test; undefined when it is built. Throws when it is broken. */
export async function simGpuUnavailable(): Promise<string | undefined> {
  return buildSimGpu().then(
    () => undefined,
    (error: unknown) => {
      const { message } = error as Error;
      if (!/there is no (make|gcc)/.test(message)) throw error;
      return message;
    },
  );
}
