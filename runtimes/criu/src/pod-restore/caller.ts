// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { GritError } from '@grit/plugin-api';
import { processFacts } from '../process/process-facts.js';
import type { Call } from './call.js';

/**
 * The shim that a call came from. Bundles, volumes and mounts are as it sees them, which need not be as this process does; it lives as long
 * as the pod's containers.
 */
export interface Shim {
  readonly pid: number;
  readonly startTime: string;
}

/** Who started the wrapper. Throws GRIT_RESTORE_FAILED when it is gone. */
export async function shimOf(call: Call): Promise<Shim> {
  const wrapper = await processFacts(call.pid);
  const parent = wrapper === undefined ? undefined : await processFacts(wrapper.parent);
  if (parent === undefined) throw new GritError('GRIT_RESTORE_FAILED', 'the start of the container was given up');
  return { pid: parent.pid, startTime: parent.startTime };
}

/** The path by which this process reaches a file of the shim's mount namespace. */
export function pathThrough(shim: Shim, path: string): string {
  return join(`/proc/${shim.pid}/root`, path);
}
