// SPDX-License-Identifier: Apache-2.0
import type { DeviceProcess } from '@grit/plugin-api';
import { readTextIfThere } from '../files/sealed-json.js';
import { processFacts } from '../process/process-facts.js';

/** What a device driver is told of the processes of a container; those that have ended in the meantime are left out. */
export async function deviceProcesses(container: string, pids: readonly number[]): Promise<readonly DeviceProcess[]> {
  const found = pids.map(async (pid): Promise<DeviceProcess | undefined> => {
    const [facts, innerPid] = await Promise.all([processFacts(pid), innerPidOf(pid)]);
    if (facts === undefined || facts.state === 'Z' || innerPid === undefined) return undefined;
    return { pid, startTime: facts.startTime, innerPid, container };
  });
  return (await Promise.all(found)).filter((one) => one !== undefined);
}

/** The pid in the innermost namespace: CRIU gives a restored process the same. */
async function innerPidOf(pid: number): Promise<number | undefined> {
  const line = /^NSpid:\s*(.*)$/m.exec((await readTextIfThere(`/proc/${pid}/status`)) ?? '')?.[1];
  const last = line?.trim().split(/\s+/).at(-1);
  return last === undefined || last === '' ? undefined : Number(last);
}
