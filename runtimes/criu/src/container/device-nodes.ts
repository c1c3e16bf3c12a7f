// SPDX-License-Identifier: Apache-2.0
import { stat } from 'node:fs/promises';
import { GritError, type ErrorCode, type WorkloadDevice } from '@grit/plugin-api';
import { splitDeviceNumber } from '../preflight/ordinary-devices.js';

/** `linux.devices[]` of an OCI bundle (https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#devices), whoever has written it. */
export interface BundleDevice {
  readonly type: string;
  /** In the container. */
  readonly path: string;
  readonly major?: number;
  readonly minor?: number;
  /** Permission bits. */
  readonly fileMode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** A character or block device of this node. */
export interface DeviceNode extends Required<BundleDevice> {
  readonly type: 'c' | 'b';
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
      const [major, minor] = splitDeviceNumber(found.rdev);
      return {
        path: destination,
        type: found.isBlockDevice() ? 'b' : 'c',
        major,
        minor,
        fileMode: found.mode & 0o777,
        uid: found.uid,
        gid: found.gid,
      } as const;
    }),
  );
}
