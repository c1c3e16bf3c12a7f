// SPDX-License-Identifier: Apache-2.0
import type { CheckpointRecord } from '@grit/plugin-api';
import { formatBytes } from '../output/format-bytes.js';
import { formatFacts } from '../output/facts.js';
import { formatMoment } from '../output/format-time.js';
import { formatTimings } from '../output/timings-table.js';
import { describeError } from './describe-error.js';
import { precopyAdvice, storedBytesFacts } from './describe-stored-bytes.js';

/** Everything about a checkpoint. */
export function describeCheckpoint(record: CheckpointRecord): string {
  const facts = formatFacts([
    ['id', record.id],
    ['workload', record.workload.name],
    ['phase', record.phase],
    ['node', record.node],
    ['storage', record.storage],
    ['copies', (record.copies ?? []).map(({ storage }) => storage).join(', ') || undefined],
    ['size', record.size === undefined ? undefined : `${formatBytes(record.size)} (${String(record.size)} bytes)`],
    ...storedBytesFacts(record),
    ['parent', record.parent],
    ['digest', record.manifestDigest],
    ['pinned', record.pinned ? 'yes' : 'no'],
    ['operation', record.operation],
    ['created', formatMoment(record.createdAt)],
    ['finished', formatMoment(record.finishedAt)],
  ]);
  const timings = record.timings.length === 0 ? '' : `\n${formatTimings(record.timings)}`;
  const advice = precopyAdvice(record);
  const changed = advice === '' ? '' : `\n${advice}\n`;
  const unpin = record.pinned ? `\nIt is never deleted: grit unpin ${record.id} lets it go.\n` : '';
  const next = record.phase === 'Ready' ? `\nnext: grit restore ${record.id}\n` : '';
  return `${facts}${describeError(record.error)}${changed}${timings}${unpin}${next}`;
}
