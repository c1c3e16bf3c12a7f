// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { GritError, type ErrorCode, type WorkloadDevice } from '@grit/plugin-api';

/** A device node as config.json lists it. */
export interface DeviceNode {
  /** Path in the container. */
  readonly path: string;
  /** Character or block device. */
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  /** Permission bits. */
  readonly fileMode: number;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The devices as they are on this node now: numbers differ from node to node. A link is followed.
 * @param code - of the error for a source that is not there or no device
 */
export async function readDeviceNodes(
  devices: readonly WorkloadDevice[],
  code: ErrorCode,
): Promise<readonly DeviceNode[]> {
  return Promise.all(
    devices.map(async ({ source, destination }) => {
      const found = await stat(source).catch((error: unknown) => {
        throw new GritError(code, `devices: source ${source} is not there`, {
          cause: error,
          hint: 'See whether this node has the device, and whether its driver is loaded.',
        });
      });
      if (!found.isCharacterDevice() && !found.isBlockDevice()) {
        throw new GritError(code, `devices: source ${source} is not a device`, {
          hint: 'Give a device node; --mount shows files and directories of the host to a workload.',
        });
      }
      return {
        path: destination,
        type: found.isBlockDevice() ? 'b' : 'c',
        ...numbersOf(found.rdev),
        fileMode: found.mode & 0o777,
        uid: found.uid,
        gid: found.gid,
      } as const;
    }),
  );
}

/** Linux puts the low 8 bits of the minor number below the 12 of the major one, and the rest above. */
function numbersOf(device: number): { readonly major: number; readonly minor: number } {
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}
