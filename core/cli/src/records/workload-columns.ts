// SPDX-License-Identifier: Apache-2.0
import type { WorkloadRecord } from '@grit/core';
import { formatAge } from '../output/format-time.js';
import type { Column } from '../output/table.js';

/** Columns of `grit get workloads`. */
export function workloadColumns(now: number): readonly Column<WorkloadRecord>[] {
  return [
    { title: 'NAME', value: ({ workload }) => workload.name },
    { title: 'STATE', value: formatState },
    { title: 'NODE', value: ({ node }) => node },
    { title: 'BUSY', value: ({ busy }) => busy ?? '-', wide: true },
    { title: 'RESTORED FROM', value: ({ restoredFrom }) => restoredFrom ?? '-' },
    { title: 'AGE', value: ({ createdAt }) => formatAge(createdAt, now), align: 'right' },
    { title: 'COMMAND', value: ({ spec }) => spec.command.join(' '), shrinks: true },
    { title: 'LOG', value: ({ logPath }) => logPath ?? '-', wide: true },
  ];
}

/** `running`, `exited 0`, … */
export function formatState({ state, exitCode }: Pick<WorkloadRecord, 'state' | 'exitCode'>): string {
  return exitCode === undefined || state === 'running' ? state : `${state} ${String(exitCode)}`;
}
