// SPDX-License-Identifier: Apache-2.0
import { outcomeOf, type GritError } from '@grit/plugin-api';
import { paint } from './paint.js';
import type { Terminal } from './terminal.js';
import { wrap } from './wrap.js';

/** What went wrong, why, and the next command to type. */
export function formatError(error: GritError, terminal: Pick<Terminal, 'columns' | 'colors'>): string {
  const json = error.toJSON();
  const line = (label: string, text: string) =>
    `${paint(label, label === 'error:' ? 'red' : 'bold', terminal.colors)} ${wrap(text, terminal.columns - label.length - 1, '  ')}\n`;
  return [
    line('error:', error.message),
    ...(json.causes ?? []).map((cause) => line('cause:', cause)),
    ...findings(error).map((finding) => line('found:', finding)),
    line('code:', `${error.code} (exit ${String(outcomeOf(error.code).exit)})`),
    line('next:', error.hint),
  ].join('');
}

/** What a preflight found, if the error carries it: each finding says what to change. */
function findings(error: GritError): string[] {
  const found = error.details?.['findings'];
  if (!Array.isArray(found)) return [];
  return found.map((finding: unknown) => {
    if (typeof finding !== 'object' || finding === null) return String(finding);
    const { message, hint, pid, fd } = finding as Record<string, unknown>;
    const at = [pid === undefined ? [] : `pid ${text(pid)}`, fd === undefined ? [] : `fd ${text(fd)}`].flat().join(' ');
    const words = message === undefined ? JSON.stringify(finding) : text(message);
    return `${at === '' || words.includes(at) ? '' : `${at}: `}${words}${hint === undefined ? '' : ` (${text(hint)})`}`;
  });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
