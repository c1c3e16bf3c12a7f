// SPDX-License-Identifier: Apache-2.0
import type { DeviceMap, DeviceUse } from '@grit/plugin-api';

/** A process and its GPUs. */
export type Lodger = Pick<DeviceUse, 'devices' | 'memoryOn'>;

/** The GPUs that its memory is on; where nobody knows, all that it could see. */
export function homesOf({ devices, memoryOn }: Lodger): readonly string[] {
  return memoryOn ?? devices;
}

/** The same process where the map takes its GPUs. */
export function movedBy({ devices, memoryOn }: Lodger, map: DeviceMap): Lodger {
  const there = (uuid: string): string => map[uuid] ?? uuid;
  return { devices: devices.map(there), memoryOn: memoryOn?.map(there) };
}
