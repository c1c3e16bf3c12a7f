// SPDX-License-Identifier: Apache-2.0
import {
  GritError,
  type DeviceDriver,
  type DeviceMap,
  type DeviceProcess,
  type DeviceRecord,
  type DeviceReturn,
} from '@grit/plugin-api';

/** What an image says of devices is for the driver that wrote it. Errors: GRIT_RESTORE_INCOMPATIBLE. */
export function driverFor(record: DeviceRecord, devices: DeviceDriver | undefined): DeviceDriver {
  if (devices?.id === record.driver) return devices;
  const here = devices === undefined ? 'none for devices' : devices.id;
  throw new GritError(
    'GRIT_RESTORE_INCOMPATIBLE',
    `the processes use devices of driver ${record.driver}; this node has ${here}`,
    {
      hint: `Restore on a node whose runtime plugin is runtime-${record.driver}.`,
    },
  );
}

/**
 * The processes here whose devices are to come back. One that is not there any more has ended since it was thawed, and is left out.
 * @param maps - by container
 */
export function devicesToReturn(
  { uses }: DeviceRecord,
  here: readonly DeviceProcess[],
  maps: Readonly<Record<string, DeviceMap>>,
): readonly DeviceReturn[] {
  return uses.flatMap((use) => {
    const process = here.find(({ container, innerPid }) => container === use.container && innerPid === use.innerPid);
    return process === undefined ? [] : { use: { ...use, ...process }, map: maps[use.container] ?? {} };
  });
}
