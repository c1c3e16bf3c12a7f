// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { GritError } from '@grit/plugin-api';

/**
 * Throws when a pid is that of a thread: the driver takes it for a process and ruins the one that it belongs to (NVIDIA/cuda-checkpoint#41).
 * Of a process that is not there the driver has its own words. Errors: GRIT_REQUEST_INVALID.
 */
export async function refuseThread(pid: number): Promise<void> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const process = /^Tgid:\s*(\d+)$/m.exec(status)?.[1];
  if (process === undefined || Number(process) === pid) return;
  throw new GritError('GRIT_REQUEST_INVALID', `${pid} is a thread of the process ${process}`, {
    hint: 'Name the whole process.',
    details: { pid, process: Number(process) },
  });
}
