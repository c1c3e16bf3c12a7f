// SPDX-License-Identifier: Apache-2.0
import { formatDuration } from '../../output/format-time.js';
import { formatTable, type Column } from '../../output/table.js';
import type { Terminal } from '../../output/terminal.js';
import { podOf, type Outcome, type Row } from './row.js';

const WORDS: Readonly<Record<Outcome, string>> = {
  moved: 'moved',
  stored: 'stored',
  restored: 'restored',
  'cold-started': 'started anew',
  returned: 'runs on',
  evicted: 'evicted',
  failed: 'FAILED',
  deleted: 'FAILED',
};

const COLUMNS: readonly Column<Row>[] = [
  { title: 'POD', value: podOf },
  { title: 'OUTCOME', value: ({ outcome }) => (outcome === undefined ? '-' : WORDS[outcome]) },
  { title: 'FROM', value: ({ from }) => from || '-' },
  { title: 'TO', value: ({ to, outcome }) => (outcome === 'moved' || outcome === 'cold-started' ? to : '-') },
  { title: 'TOOK', value: tookOf, align: 'right' },
  { title: 'WHY', value: whyOf, wraps: true },
];

/** Says how each of several pods ended. */
export function reportMany(rows: readonly Row[], terminal: Terminal): void {
  terminal.out(formatTable(rows, COLUMNS, terminal.columns));
  const count = (wanted: Outcome): number => rows.filter(({ outcome }) => outcome === wanted).length;
  const evicted = count('evicted');
  const others = evicted === 0 ? '' : `, ${evicted} ${evicted === 1 ? 'is' : 'are'} evicted`;
  const noun = rows.length === 1 ? 'pod has' : 'pods have';
  terminal.out(`\n${count('moved')} of ${rows.length} ${noun} moved${others}.\n`);
}

/** The command that one will want next: about the first pod that has not moved. */
export function nextOf(rows: readonly Row[]): string | undefined {
  const bad = rows.find(({ outcome, object }) => object !== '' && BAD.has(outcome));
  return bad === undefined ? undefined : `kubectl grit status ${bad.object} -n ${bad.namespace}`;
}

const BAD = new Set<Outcome | undefined>(['failed', 'returned', 'cold-started']);

function tookOf({ startedAt, finishedAt }: Row): string {
  return startedAt === undefined || finishedAt === undefined ? '-' : formatDuration(finishedAt - startedAt);
}

function whyOf({ note, outcome, error }: Row): string {
  if (outcome === 'moved' || outcome === 'stored') return '';
  return note === '' ? (error?.message ?? '') : note;
}
