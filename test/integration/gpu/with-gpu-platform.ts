// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from '@grit/plugin-api';
import type { SimGpuOptions } from '../../fixtures/simgpu/index.js';
import { missingParts } from '../simgpu/missing-parts.js';
import { GpuPlatform } from './gpu-platform.js';

/** For a suite: one platform for all of its tests, which are skipped with the reason where it cannot be. */
export function withGpuPlatform(gpus: SimGpuOptions, config: JsonObject, take: (machine: GpuPlatform) => void): void {
  let machine: GpuPlatform | undefined;
  before(async function () {
    const missing = await missingParts();
    if (missing !== undefined) this.skip(missing);
    machine = await GpuPlatform.start(gpus, config);
    take(machine);
  });
  after(async () => machine?.stop());
}
