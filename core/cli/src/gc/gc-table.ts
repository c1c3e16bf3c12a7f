// SPDX-License-Identifier: Apache-2.0
import type { Collected, Garbage, OperationStatus } from '@grit/plugin-api';
import { formatBytes } from '../output/format-bytes.js';
import { formatDuration } from '../output/format-time.js';
import { formatTable, type Column } from '../output/table.js';
import { wrap } from '../output/wrap.js';
import type { PlannedDecision } from './plan-deletes.js';

/** What `grit gc` shows. */
export interface GcReport {
  readonly storage: string;
  readonly dryRun: boolean;
  readonly checkpoints: readonly (PlannedDecision & {
    /** Why a delete did not succeed. */
    readonly error?: OperationStatus['error'];
  })[];
  readonly garbage: readonly Garbage[];
  /** Missing for a store without a collection. */
  readonly collected?: Collected | undefined;
}

interface Line {
  readonly what: string;
  readonly why: string;
  readonly then: string;
  readonly bytes: number;
}

const WHY = {
  ttl: 'older than it is kept',
  'keep-last': 'more than are kept of its workload',
  'max-bytes': 'the store is over its limit',
  deleting: 'its delete was not finished',
  policy: 'within the limits',
  pinned: 'pinned',
  'in-use': 'in use',
  'last-good': 'last good one of its workload',
  'not-in-catalog': 'not in the catalog',
} as const;

const GARBAGE_WHY = { unused: 'of no image', abandoned: 'its writer is gone', unknown: 'unknown' } as const;

/** As a table, and the sums below it. `kept`: what stays, too. */
export function formatGc(report: GcReport, columns: number, kept: boolean): string {
  const { checkpoints, garbage, collected, dryRun } = report;
  const lines: Line[] = checkpoints
    .filter(({ verdict }) => kept || verdict === 'delete')
    .map(({ id, verdict, reason, bytes, error, ...rest }) => ({
      what: id,
      why: 'by' in rest && rest.by !== undefined ? `${WHY[reason]}: ${rest.by}` : WHY[reason],
      then: error !== undefined ? error.code : verdict === 'keep' ? 'stays' : dryRun ? 'would go' : 'deleted',
      bytes,
    }));
  lines.push(...garbage.map((one) => ({ what: one.key, why: whyOf(one), then: thenOf(one, dryRun), bytes: one.size })));
  const table = lines.length === 0 ? '' : `${formatTable(lines, COLUMNS, columns)}\n`;
  const all = sums(report, collected);
  return `${table}${Number.isFinite(columns) ? wrap(all, columns) : all}\n`;
}

function sums({ storage, dryRun, checkpoints }: GcReport, collected: Collected | undefined): string {
  const gone = checkpoints.filter(({ verdict, error }) => verdict === 'delete' && error === undefined);
  const parts = [`${count(gone.length, 'checkpoint')} ${dryRun ? 'would go' : 'deleted'}`];
  if (collected !== undefined) {
    const { used, removed, waiting } = collected;
    const verb = dryRun ? 'would be removed' : 'removed';
    parts.push(`${amount(removed)} ${verb}`, `${amount(waiting)} wait`, `${formatBytes(used.bytes)} in use`);
  }
  return `${storage}: ${parts.join('; ')}.`;
}

function amount({ objects, bytes }: Collected['used']): string {
  return `${count(objects, 'object')} (${formatBytes(bytes)})`;
}

function count(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? '' : 's'}`;
}

function whyOf({ why, ageMs }: Garbage): string {
  return `${GARBAGE_WHY[why]}, ${formatDuration(ageMs)} old`;
}

function thenOf({ then }: Garbage, dryRun: boolean): string {
  if (then === 'removed') return dryRun ? 'would go' : 'removed';
  return { condemned: 'goes next time', young: 'waits', left: 'left' }[then];
}

const COLUMNS: readonly Column<Line>[] = [
  { title: 'WHAT', value: ({ what }) => what, wraps: true },
  { title: 'WHY', value: ({ why }) => why, wraps: true },
  { title: 'THEN', value: ({ then }) => then },
  { title: 'BYTES', value: ({ bytes }) => formatBytes(bytes), align: 'right' },
];
