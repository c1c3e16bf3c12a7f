// SPDX-License-Identifier: Apache-2.0
import { isAbsolute, normalize } from 'node:path';
import { GritError, type ErrorCode, type WorkloadSpec } from '@grit/plugin-api';
import { readDeviceNodes } from '../container/device-nodes.js';

/** What every container has in its /dev, by the runtime specification and by our mounts. */
const OWN_DEVICES = [
  ...['null', 'zero', 'full', 'random', 'urandom', 'tty', 'console', 'ptmx', 'pts', 'shm', 'mqueue'],
  ...['fd', 'stdin', 'stdout', 'stderr', 'core'],
].map((name) => `/dev/${name}`);

/** The sources must be devices, the destinations must be free, and on no file system of the host: a node would be made there. */
export async function checkDevices(spec: WorkloadSpec, code: ErrorCode): Promise<void> {
  const devices = spec.devices ?? [];
  const mounts = (spec.mounts ?? []).map(({ destination }) => destination);
  devices.forEach(({ source, destination }, index) => {
    if (!isAbsolute(source)) throw invalid(`source ${source} is not an absolute path`);
    if (!isAbsolute(destination) || normalize(destination) !== destination || !/^\/dev\/.*[^/]$/.test(destination)) {
      throw invalid(`destination ${destination} is not a plain absolute path below /dev`);
    }
    if (OWN_DEVICES.some((own) => overlap(own, destination))) {
      throw invalid(`destination ${destination} belongs to the container itself`);
    }
    const others = devices.filter((_, other) => other !== index).map((device) => device.destination);
    const taken = [...mounts, ...others].find((other) => overlap(other, destination));
    if (taken !== undefined) throw invalid(`destination ${destination} and ${taken} are in each other's way`);
  });
  await readDeviceNodes(devices, code);
}

/** The same path, or one below the other. */
function overlap(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

function invalid(message: string): GritError {
  return new GritError('GRIT_REQUEST_INVALID', `devices: ${message}`);
}
