// SPDX-License-Identifier: Apache-2.0
import { GritError, type DeviceMap, type DeviceRecord, type DeviceTarget } from '@grit/plugin-api';
import { chooseMap } from './device-map.js';
import { gpusAt } from './discover.js';
import { FIRST_WITH_MAP, majorOf } from './driver-version.js';
import { readData } from './gpu-record.js';
import type { GpuTools } from './gpu-tools.js';
import { movedBy } from './lodger.js';
import { checkRoom } from './restore.js';

/** See DeviceDriver.planRestore. A GPU that two containers of the source shared is shared here too. */
export async function planRestore(
  { cuda, nvml, map: wanted }: GpuTools,
  record: DeviceRecord,
  targets: readonly DeviceTarget[],
  signal: AbortSignal,
): Promise<DeviceMap> {
  const source = readData(record);
  const [version, gpus] = await Promise.all([nvml.driverVersion(signal), nvml.gpus(signal)]);
  if (version !== source.driverVersion) {
    throw new GritError(
      'GRIT_RESTORE_INCOMPATIBLE',
      `the processes have the libraries of NVIDIA driver ${source.driverVersion} mapped; this node has ${version}`,
      { hint: 'Restore on a node with the very same version of the driver.' },
    );
  }
  const uses = record.uses.filter(({ container }) => targets.some((target) => target.container === container));
  const seen = new Set(uses.flatMap(({ devices }) => devices));
  const needed = source.gpus.filter(({ uuid }) => seen.has(uuid));
  const here = gpusAt(
    gpus,
    targets.flatMap(({ nodes }) => nodes),
  );
  const map = chooseMap(needed, here, wanted);
  if (Object.keys(map).length > 0 && majorOf(version) < FIRST_WITH_MAP) {
    throw new GritError(
      'GRIT_RESTORE_INCOMPATIBLE',
      `the NVIDIA driver ${version} restores only on the very same GPUs`,
      {
        hint: `Driver ${FIRST_WITH_MAP} or later restores on other GPUs of the same model.`,
      },
    );
  }
  checkRoom(
    gpus,
    uses.map((use) => ({ bytes: use.bytes, ...movedBy(use, map) })),
  );
  // The processes wait for it from their thaw on.
  await cuda.prepare(uses.length, signal);
  return map;
}
