// SPDX-License-Identifier: Apache-2.0
import type { CheckpointRecord } from '@grit/plugin-api';
import { formatBytes } from '../output/format-bytes.js';
import { formatAge } from '../output/format-time.js';
import type { Column } from '../output/table.js';

/** Columns of `grit get checkpoints`. */
export function checkpointColumns(now: number): readonly Column<CheckpointRecord>[] {
  return [
    { title: 'ID', value: ({ id }) => id },
    { title: 'WORKLOAD', value: ({ workload }) => workload.name },
    { title: 'PHASE', value: ({ phase, pinned }) => (pinned ? `${phase}, pinned` : phase) },
    { title: 'SIZE', value: ({ size }) => formatKnown(size), align: 'right' },
    { title: 'NEW', value: ({ bytes }) => formatKnown(bytes?.fresh), align: 'right' },
    { title: 'STORED', value: ({ bytes }) => formatKnown(bytes?.stored), align: 'right' },
    { title: 'NODE', value: ({ node }) => node },
    { title: 'AGE', value: ({ createdAt }) => formatAge(createdAt, now), align: 'right' },
    {
      title: 'STORAGE',
      value: ({ storage, copies = [] }) => [storage, ...copies.map((copy) => copy.storage)].join(', '),
      wide: true,
    },
    { title: 'PARENT', value: ({ parent }) => parent ?? '-', wide: true },
    { title: 'DIGEST', value: ({ manifestDigest }) => manifestDigest ?? '-', wide: true },
    { title: 'OPERATION', value: ({ operation }) => operation, wide: true },
  ];
}

function formatKnown(bytes: number | undefined): string {
  return bytes === undefined ? '-' : formatBytes(bytes);
}
