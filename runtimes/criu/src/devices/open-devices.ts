// SPDX-License-Identifier: Apache-2.0
import { descriptorsOf, mappedPathsOf } from '../process/open-files.js';

/** A device that a process has open, or mapped: then there is no descriptor. */
export interface OpenDevice {
  readonly pid: number;
  readonly path: string;
  readonly fd?: number | undefined;
}

/** Why one is open that nobody uses. */
export const INHERITED_HINT =
  'It is often a worker that was forked and inherited it: let workers be made with spawn or forkserver.';

/** What the processes have of the devices that are asked for. Reads /proc only: frozen processes can be looked at. */
export async function openDevices(
  pids: readonly number[],
  owns: (path: string) => boolean,
): Promise<readonly OpenDevice[]> {
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [descriptors, paths] = await Promise.all([descriptorsOf(pid), mappedPathsOf(pid)]);
      const open = descriptors.map(({ fd, target }) => ({ pid, fd, path: target }));
      const mapped = [...paths].map((path) => ({ pid, path }));
      return [...open, ...mapped].filter(({ path }) => owns(path));
    }),
  );
  return found.flat();
}
