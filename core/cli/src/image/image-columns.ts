// SPDX-License-Identifier: Apache-2.0
import type { ImageSummary } from '@grit/core';
import { formatBytes } from '../output/format-bytes.js';
import { formatAge } from '../output/format-time.js';
import type { Column } from '../output/table.js';

/** Columns of `grit image list`. */
export function imageColumns(now: number): readonly Column<ImageSummary>[] {
  return [
    { title: 'ID', value: ({ id }) => id },
    { title: 'WORKLOAD', value: ({ about, error }) => about?.workload.name ?? error?.code ?? '-', shrinks: true },
    { title: 'NODE', value: ({ about }) => about?.node ?? '-', shrinks: true },
    { title: 'SIZE', value: ({ about }) => formatKnown(about?.size), align: 'right' },
    { title: 'NEW', value: ({ about }) => formatKnown(about?.bytes.fresh), align: 'right' },
    { title: 'STORED', value: ({ about }) => formatKnown(about?.bytes.stored), align: 'right' },
    { title: 'PARTS', value: ({ about }) => String(about?.parts ?? '-'), align: 'right' },
    {
      title: 'AGE',
      value: ({ about, committedAt }) => formatAge(about?.createdAt ?? committedAt, now),
      align: 'right',
    },
    { title: 'OBJECTS', value: ({ objectBytes }) => formatBytes(objectBytes), align: 'right', wide: true },
    { title: 'PARENT', value: ({ about }) => about?.parent ?? '-', wide: true },
    { title: 'DIGEST', value: ({ about }) => about?.digest ?? '-', wide: true },
    { title: 'PROBLEM', value: ({ error }) => error?.message ?? '-', wide: true },
  ];
}

function formatKnown(bytes: number | undefined): string {
  return bytes === undefined ? '-' : formatBytes(bytes);
}
