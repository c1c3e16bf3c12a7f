// SPDX-License-Identifier: Apache-2.0
import { readTextIfThere } from '../files/sealed-json.js';
import { cgroupVersion } from './container-cgroup.js';

/**
 * Where a process is: the path of its control group below the root of the controller's hierarchy. Undefined when the process is gone.
 * @param controller - of version 1; version 2 has one hierarchy for all
 */
export async function controlGroupOf(pid: number, controller: 'freezer' | 'memory'): Promise<string | undefined> {
  const [table, version] = await Promise.all([readTextIfThere(`/proc/${pid}/cgroup`), cgroupVersion()]);
  for (const line of (table ?? '').split('\n')) {
    const [, controllers = '', ...path] = line.split(':');
    if (controllers.split(',').includes(version === 'v1' ? controller : '') && path.length > 0) return path.join(':');
  }
  return undefined;
}
