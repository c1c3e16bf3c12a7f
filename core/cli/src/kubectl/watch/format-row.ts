// SPDX-License-Identifier: Apache-2.0
import { formatBytes } from '../../output/format-bytes.js';
import { formatDuration } from '../../output/format-time.js';
import type { Column } from '../../output/table.js';
import { podOf, type Outcome, type Row } from './row.js';

const ENDS: Readonly<Record<Outcome, string>> = {
  moved: 'moved',
  stored: 'stored',
  restored: 'restored',
  'cold-started': 'started from the beginning',
  returned: 'not moved, runs on where it was',
  evicted: 'evicted',
  failed: 'FAILED',
  deleted: 'FAILED',
};

/** Columns of rows that are on their way. */
export function liveColumns(now: number): readonly Column<Row>[] {
  return [
    { title: 'POD', value: podOf, shrinks: true },
    { title: 'PHASE', value: ({ phase }) => phase },
    { title: 'NODES', value: formatNodes },
    { title: 'TIME', value: (row) => formatTook(row, now), align: 'right' },
    { title: 'PROGRESS', value: formatShareOf, shrinks: true },
  ];
}

/** Columns of the table of a status. */
export function statusColumns(now: number, wideNamespace: boolean): readonly Column<Row>[] {
  return [
    { title: 'POD', value: wideNamespace ? podOf : ({ pod }) => pod },
    { title: 'WHAT', value: ({ object }) => kindOf(object) },
    { title: 'NAME', value: ({ object }) => object, wide: true },
    { title: 'PHASE', value: ({ phase }) => phase },
    { title: 'NODES', value: formatNodes },
    { title: 'TIME', value: (row) => formatTook(row, now), align: 'right' },
    { title: 'PROGRESS', value: formatBytesOf },
    { title: 'NOTE', value: ({ note }) => note, shrinks: true },
  ];
}

/** `store 120.0 MiB of 260.0 MiB, 31.0 MiB/s`; empty when nothing is known. */
export function formatBytesOf({ progress }: Pick<Row, 'progress'>): string {
  if (progress === undefined) return '';
  const { phase, doneBytes, totalBytes, bytesPerSecond } = progress;
  const of = totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`;
  const rate = bytesPerSecond === undefined || bytesPerSecond === 0 ? '' : `, ${formatBytes(bytesPerSecond)}/s`;
  return `${phase} ${formatBytes(doneBytes)}${of}${rate}`;
}

/** `40 % of 260.0 MiB, 31.0 MiB/s`, so short that a line has room for it; what is waited for where there are no bytes. */
function formatShareOf(row: Row): string {
  const { progress, note } = row;
  if (progress?.totalBytes === undefined) return note === '' ? formatBytesOf(row) : note;
  const { doneBytes, totalBytes, bytesPerSecond = 0 } = progress;
  const share = totalBytes === 0 ? 100 : Math.floor((Math.min(doneBytes, totalBytes) / totalBytes) * 100);
  const rate = bytesPerSecond === 0 ? '' : `, ${formatBytes(bytesPerSecond)}/s`;
  return `${String(share).padStart(3)} % of ${formatBytes(totalBytes)}${rate}`;
}

/** `node-a → node-b`; `node-a → ?` until it is known. */
function formatNodes({ object, from, to }: Row): string {
  if (to === '' && !object.startsWith('migration/')) return from;
  if (from === '') return to === '' ? '' : `→ ${to}`;
  return `${from} → ${to === '' ? '?' : to}`;
}

/** `move`, `checkpoint`, `restore`. */
function kindOf(object: string): string {
  const [kind = ''] = object.split('/');
  return kind === 'migration' ? 'move' : kind;
}

function formatTook({ startedAt, finishedAt }: Row, now: number): string {
  return startedAt === undefined ? '' : formatDuration(Math.max(0, (finishedAt ?? now) - startedAt));
}

/** One line for a pod whose way has ended: `default/train-0: moved to node-b in 12.1 s`. */
export function formatEnd(row: Row, now: number): string {
  const { outcome, to, note } = row;
  const where = outcome === 'moved' && to !== '' ? ` to ${to}` : '';
  const took = outcome === 'moved' || outcome === 'stored' ? ` in ${formatTook(row, now)}` : '';
  const why = note === '' || outcome === 'moved' ? '' : `: ${note}`;
  return `${podOf(row)}: ${ENDS[outcome ?? 'failed']}${where}${took}${why}`;
}

/** One line for a pod that has come to another phase, or is far in this one. */
export function formatNews(row: Row): string {
  const bytes = formatBytesOf(row);
  const detail = bytes === '' ? row.note : bytes;
  return `${podOf(row)}: ${row.phase}${detail === '' ? '' : `: ${detail}`}`;
}
