// SPDX-License-Identifier: Apache-2.0
import type { Collected, Garbage, OperationStatus } from '@grit/plugin-api';
import { formatBytes } from '../output/format-bytes.js';
import { formatAge } from '../output/format-time.js';
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
  readonly checkpoint: string;
  readonly object: string;
  readonly why: string;
  readonly then: string;
  readonly bytes: number;
}

const WHY = {
  ttl: 'older than its ttl',
  'keep-last': 'beyond keepLast',
  'max-bytes': 'store is over maxBytes',
  deleting: 'half deleted',
  policy: 'within the policy',
  pinned: 'pinned',
  'in-use': 'in use',
  'last-good': 'last good one',
  copy: 'a copy',
  'not-in-catalog': 'not in the catalog',
} as const;

const GARBAGE_WHY = { unused: 'unused', abandoned: 'writer is gone', unknown: 'not ours' } as const;

/** More objects of a checkpoint than these, with one fate, are one line. */
const SEVERAL = 3;

/** As a table, and the sums below it. `kept`: what stays, too, and each object of a checkpoint in a line of its own. */
export function formatGc(report: GcReport, columns: number, kept: boolean): string {
  const { checkpoints, garbage, collected, dryRun } = report;
  const lines: Line[] = checkpoints
    .filter(({ verdict }) => kept || verdict === 'delete')
    .map(({ id, verdict, reason, bytes, error, ...rest }) => ({
      checkpoint: id,
      object: 'image',
      why: 'by' in rest && rest.by !== undefined ? `${WHY[reason]}: ${rest.by}` : WHY[reason],
      then: error !== undefined ? error.code : verdict === 'keep' ? 'stays' : dryRun ? 'would go' : 'deleted',
      bytes,
    }));
  lines.push(...garbageLines(garbage, dryRun, kept));
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

function garbageLines(garbage: readonly Garbage[], dryRun: boolean, each: boolean): Line[] {
  const groups = Map.groupBy(garbage, ({ key, image, why, then }) =>
    image === undefined ? key : [image, why, then].join(' '),
  );
  return [...groups.values()]
    .flatMap((group) => (group.length > SEVERAL && !each ? [group] : group.map((one) => [one])))
    .flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const { image, object, key, why } = first;
      const name = image === undefined ? key : (object ?? (why === 'abandoned' ? 'what it wrote' : 'image'));
      const oldest = Math.max(...group.map(({ ageMs }) => ageMs));
      return {
        checkpoint: image ?? '-',
        object: group.length === 1 ? name.replace(/^packs\//, '') : count(group.length, 'object'),
        why: `${GARBAGE_WHY[why]}, ${formatAge(0, oldest)} old`,
        then: thenOf(first, dryRun),
        bytes: group.reduce((sum, { size }) => sum + size, 0),
      };
    });
}

function thenOf({ then }: Garbage, dryRun: boolean): string {
  if (then === 'removed') return dryRun ? 'would go' : 'removed';
  return { condemned: 'goes next time', young: 'waits', left: 'left' }[then];
}

const COLUMNS: readonly Column<Line>[] = [
  { title: 'CHECKPOINT', value: ({ checkpoint }) => checkpoint },
  { title: 'OBJECT', value: ({ object }) => object, shrinks: true },
  { title: 'WHY', value: ({ why }) => why, shrinks: true },
  { title: 'THEN', value: ({ then }) => then },
  { title: 'BYTES', value: ({ bytes }) => formatBytes(bytes), align: 'right' },
];
