// SPDX-License-Identifier: Apache-2.0
import type { ImageDiff, PartDiff } from '@grit/core';
import { formatBytes } from '../output/format-bytes.js';
import { formatTable, type Column } from '../output/table.js';
import { wrap } from '../output/wrap.js';
import { precopyPays } from '../records/describe-stored-bytes.js';

/** What changed from one image to another, part by part. */
export function describeDiff(diff: ImageDiff, columns: number): string {
  const total: PartDiff = { name: 'total', kind: '', size: sizeOf(diff), known: true, ...diff.total };
  const table = formatTable([...diff.parts, total], COLUMNS, columns);
  const gone = diff.gone.length === 0 ? '' : `\n${wrap(`only in ${diff.from}: ${diff.gone.join(', ')}`, columns)}\n`;
  return `${table}${gone}\n${wrap(adviceOf(diff), columns)}\n`;
}

/** True when a copy of the memory before the freeze would leave little to copy in it; undefined without memory. */
export function precopyOf({ memory }: ImageDiff): boolean | undefined {
  return memory.data === 0 ? undefined : precopyPays(memory.changed, memory.data);
}

function adviceOf(diff: ImageDiff): string {
  const pays = precopyOf(diff);
  if (pays === undefined) return `${diff.to} has no memory that could be copied before the freeze.`;
  const share = percent(diff.memory.changed, diff.memory.data);
  const verdict = pays ? 'would pay' : 'would not pay';
  return `${share} % of the memory changed since ${diff.from}: copying it before the freeze (precopy) ${verdict}.`;
}

const COLUMNS: readonly Column<PartDiff>[] = [
  { title: 'PART', value: ({ name }) => name, shrinks: true },
  { title: 'KIND', value: ({ kind }) => kind },
  { title: 'SIZE', value: ({ size }) => formatBytes(size), align: 'right' },
  { title: 'DATA', value: ({ data }) => formatBytes(data), align: 'right' },
  { title: 'SHARED', value: ({ shared }) => formatBytes(shared), align: 'right' },
  { title: 'CHANGED', value: ({ changed }) => formatBytes(changed), align: 'right' },
  { title: '%', value: ({ changed, data }) => percent(changed, data), align: 'right' },
  { title: '', value: ({ known }) => (known ? '' : 'new') },
];

function sizeOf({ parts }: ImageDiff): number {
  return parts.reduce((sum, { size }) => sum + size, 0);
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '0.0' : ((part / whole) * 100).toFixed(1);
}
