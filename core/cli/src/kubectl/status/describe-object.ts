// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint, Condition, Migration, Restore } from '@grit/plugin-kubernetes';
import { formatBytes } from '../../output/format-bytes.js';
import { formatFacts } from '../../output/facts.js';
import { formatAge, formatDuration, formatMoment } from '../../output/format-time.js';
import { formatTable } from '../../output/table.js';
import { formatTimings } from '../../output/timings-table.js';
import { wrap } from '../../output/wrap.js';
import { formatBytesOf, statusColumns } from '../watch/format-row.js';
import type { Row } from '../watch/row.js';

/** Everything about a Migration, Checkpoint or Restore. */
export function describeObject(
  { status = {} }: Migration | Checkpoint | Restore,
  row: Row,
  children: readonly Row[],
  width: number,
  now: number,
): string {
  const { startedAt, finishedAt } = row;
  const image = 'image' in status ? status.image : undefined;
  const took = startedAt === undefined || finishedAt === undefined ? undefined : formatDuration(finishedAt - startedAt);
  const facts = formatFacts([
    ['object', row.object],
    ['namespace', row.namespace],
    ['pod', row.pod],
    ['phase', row.phase],
    ['from', row.from === '' ? undefined : row.from],
    ['to', row.to === '' ? undefined : row.to],
    ['progress', formatBytesOf(row) === '' ? undefined : formatBytesOf(row)],
    ['image', image === undefined ? undefined : `${image.id}, ${formatBytes(image.size)}`],
    ['storage', 'storage' in status ? status.storage : undefined],
    ['checkpoint', 'checkpointName' in status ? status.checkpointName : undefined],
    ['restore', 'restoreName' in status ? status.restoreName : undefined],
    ['began', startedAt === undefined ? undefined : formatMoment(startedAt)],
    ['took', took],
  ]);
  const parts = [facts];
  if (children.length > 0)
    parts.push(
      formatTable(
        children,
        statusColumns(now, false).filter(({ wide }) => wide !== true),
        width,
      ),
    );
  const { conditions = [], timings = [] } = status;
  if (conditions.length > 0) parts.push(formatConditions(conditions, width, now));
  if (timings.length > 0) parts.push(formatTimings(timings));
  const { error } = status;
  if (error !== undefined) {
    const lines = [`error: ${error.message}`, `code:  ${error.code}`, `next:  ${error.hint}`];
    parts.push(`${lines.map((line) => wrap(line, width, '       ')).join('\n')}\n`);
  }
  return parts.join('\n');
}

/** With whole messages: what is waited for, and the way out, stand at their end. */
function formatConditions(conditions: readonly Condition[], width: number, now: number): string {
  const sorted = conditions.toSorted((a, b) => (a.lastTransitionTime < b.lastTransitionTime ? -1 : 1));
  const nameOf = ({ type, status }: Condition): string => (status === 'True' ? type : `${type}=${status}`);
  const names = Math.max('CONDITION'.length, ...sorted.map((each) => nameOf(each).length));
  const left = names + 7;
  const lines = sorted.map((each) => {
    const age = formatAge(Date.parse(each.lastTransitionTime), now).padStart(3);
    return `${nameOf(each).padEnd(names)}  ${age}  ${wrap(each.message, width - left, ' '.repeat(left))}`;
  });
  return [`${'CONDITION'.padEnd(names)}  AGE  MESSAGE`, ...lines].map((line) => `${line}\n`).join('');
}
