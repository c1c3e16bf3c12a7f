// SPDX-License-Identifier: Apache-2.0
import type { PreflightFinding } from '@grit/plugin-api';
import { readTextIfThere } from '../files/sealed-json.js';

/** What is wrong with a process as a whole. */
export async function processFindings(
  pid: number,
  pids: readonly number[],
  init: number,
): Promise<readonly PreflightFinding[]> {
  const status = await readTextIfThere(`/proc/${pid}/status`);
  if (status === undefined) return [];
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
  const findings: PreflightFinding[] = [];
  const tracer = field('TracerPid');
  if (tracer !== 0) {
    findings.push({
      severity: 'blocker',
      reason: 'traced',
      message: `the process is traced by pid ${tracer}`,
      hint: 'Detach the debugger or tracer.',
      pid,
    });
  }
  if (pid !== init && !pids.includes(field('PPid'))) {
    findings.push({
      severity: 'blocker',
      reason: 'foreign-process',
      message: `process ${nameOf(status)} was put into the container from outside`,
      hint: 'End what was started with `kubectl exec`, `runc exec` or the like.',
      pid,
    });
  }
  return findings;
}

/** As the kernel has it: what is not plain in it is left out. */
function nameOf(status: string): string {
  const [, name = ''] = /^Name:\s+(.*)$/m.exec(status) ?? [];
  return name.replace(/[^\w./-]/g, '');
}
