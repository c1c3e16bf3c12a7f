// SPDX-License-Identifier: Apache-2.0
import type { WorkloadRecord } from '@grit/core';
import { formatBytes } from '../output/format-bytes.js';
import { formatFacts } from '../output/facts.js';
import { formatMoment } from '../output/format-time.js';
import { formatState } from './workload-columns.js';

/** Everything about a workload. */
export function describeWorkload(record: WorkloadRecord): string {
  const { spec } = record;
  const limits = spec.limits;
  return formatFacts([
    ['name', record.workload.name],
    ['state', formatState(record)],
    ['node', record.node],
    ['command', spec.command.map(quote).join(' ')],
    ['directory', spec.workingDirectory ?? '/'],
    ['environment', spec.env === undefined ? undefined : Object.keys(spec.env).join(', ') || undefined],
    ...(spec.mounts ?? []).map(
      ({ source, destination, readOnly }) =>
        ['mount', `${source} at ${destination}${readOnly === true ? ' (read-only)' : ''}`] as const,
    ),
    ...(spec.devices ?? []).map(
      ({ source, destination }) => ['device', source === destination ? source : `${source} at ${destination}`] as const,
    ),
    ['memory limit', limits?.memoryBytes === undefined ? undefined : formatBytes(limits.memoryBytes)],
    ['cpu limit', limits?.cpus?.toString()],
    ['process limit', limits?.pids?.toString()],
    ['log', record.logPath],
    ['restored from', record.restoredFrom],
    ['busy with', record.busy],
    ['held for', record.hold],
    ['created', formatMoment(record.createdAt)],
    ['changed', formatMoment(record.updatedAt)],
  ]);
}

function quote(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
