// SPDX-License-Identifier: Apache-2.0
import { formatDuration } from '../../output/format-time.js';
import { paint } from '../../output/paint.js';
import type { Terminal } from '../../output/terminal.js';
import { wrap } from '../../output/wrap.js';
import { podOf, type Row } from './row.js';

/** Says how one pod ended, with what to do next. */
export function reportRow(row: Row, terminal: Terminal): void {
  const { outcome, namespace, object, from, to } = row;
  const look = `kubectl grit status ${object} -n ${namespace}`;
  if (outcome === 'moved') {
    terminal.out(`Moved ${podOf(row)} from ${from} to ${to}${took(row)}; it goes on there and nowhere else.\n`);
    terminal.out(`\nnext: ${look}\n`);
  } else if (outcome === 'stored') {
    terminal.out(`Stored the state of ${podOf(row)}${took(row)}: ${object}, verified.\n`);
    terminal.out(`\nnext: ${look}\n`);
  } else {
    const { error, note } = row;
    const message = note === '' ? (error?.message ?? `${object} has ended as ${row.phase}`) : note;
    terminal.error(
      [
        line(terminal, 'error:', message),
        ...(error === undefined ? [] : [line(terminal, 'code:', error.code)]),
        line(terminal, 'state:', stateOf(row)),
        line(terminal, 'next:', error?.hint ?? look),
      ].join(''),
    );
  }
}

function stateOf(row: Row): string {
  const { outcome, from, object, phase } = row;
  switch (outcome) {
    case 'returned':
      return `${podOf(row)} was not moved; it still runs${from === '' ? '' : ` on ${from}`}, nothing is lost`;
    case 'cold-started':
      return `${podOf(row)} runs, but from the beginning, as its fallback allows`;
    case 'deleted':
      return `${object} is gone; the pod runs on if it had not been stopped`;
    default:
      return `${object} of ${podOf(row)} is ${phase}; an image that was stored is kept`;
  }
}

function line(terminal: Terminal, label: string, text: string): string {
  const painted = paint(label, label === 'error:' ? 'red' : 'bold', terminal.colors);
  return `${painted} ${wrap(text, terminal.columns - label.length - 1, '  ')}\n`;
}

function took({ startedAt, finishedAt }: Row): string {
  return startedAt === undefined || finishedAt === undefined ? '' : ` in ${formatDuration(finishedAt - startedAt)}`;
}
