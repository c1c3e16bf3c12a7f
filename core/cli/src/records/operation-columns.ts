// SPDX-License-Identifier: Apache-2.0
import type { OperationStatus } from '@grit/plugin-api';
import { formatAge, formatDuration } from '../output/format-time.js';
import type { Column } from '../output/table.js';

/** Columns of `grit get operations`. */
export function operationColumns(now: number): readonly Column<OperationStatus>[] {
  return [
    { title: 'ID', value: ({ id }) => id },
    { title: 'KIND', value: ({ kind }) => kind },
    { title: 'WORKLOAD', value: workloadOf, shrinks: true },
    { title: 'PHASE', value: ({ phase }) => phase },
    { title: 'OUTCOME', value: ({ outcome }) => outcome ?? '-' },
    { title: 'TOOK', value: (status) => formatDuration((status.finishedAt ?? now) - status.createdAt), align: 'right' },
    { title: 'AGE', value: ({ createdAt }) => formatAge(createdAt, now), align: 'right' },
    { title: 'NODE', value: ({ node }) => node ?? '-', wide: true },
    { title: 'CHECKPOINT', value: ({ checkpoint }) => checkpoint ?? '-', wide: true },
    { title: 'ERROR', value: ({ error }) => error?.code ?? '-', wide: true },
    { title: 'BY', value: ({ request }) => request.requestedBy ?? '-', wide: true },
  ];
}

function workloadOf({ workload, request }: OperationStatus): string {
  if (workload !== undefined) return workload.name;
  return request.kind === 'run' ? request.spec.name : (request.workload?.name ?? '-');
}
