// SPDX-License-Identifier: Apache-2.0
import type { DeviceUse, Timing } from '@grit/plugin-api';
import { bringBack } from './bring-back.js';
import type { GpuTools } from './gpu-tools.js';
import { Losses } from './losses.js';

/** See DeviceDriver.resume: each is asked for its state, all of them are tried. */
export async function resume(
  tools: GpuTools,
  uses: readonly DeviceUse[],
  signal: AbortSignal,
): Promise<readonly Timing[]> {
  const losses = new Losses(signal);
  const returns = uses.map((use) => ({ use, map: {} }));
  const timings = await bringBack(tools, returns, losses, 'each', signal);
  losses.throwIfAny();
  return timings;
}
