// SPDX-License-Identifier: Apache-2.0
import type { Timing } from '@grit/plugin-api';
import { formatTable } from './table.js';

const NEGLIGIBLE_MS = 2;

interface Line {
  readonly phase: string;
  readonly ms: number;
  readonly share: string;
}

/**
 * The phases with their milliseconds, and a total that is their sum as shown. `wallMs` is what the clock says: time that no
 * phase accounts for gets a line of its own.
 */
export function formatTimings(timings: readonly Timing[], wallMs?: number): string {
  const shown = mergePhases(timings).map(({ phase, ms }) => ({ phase, ms: Math.round(ms * 10) / 10 }));
  const sum = shown.reduce((total, { ms }) => total + ms, 0);
  const rest = wallMs === undefined ? 0 : wallMs - sum;
  const all = rest > NEGLIGIBLE_MS ? [...shown, { phase: '(between)', ms: Math.round(rest * 10) / 10 }] : shown;
  const total = all.reduce((all, { ms }) => all + ms, 0);
  const lines: Line[] = all.map(({ phase, ms }) => ({ phase, ms, share: formatShare(ms, total) }));
  lines.push({ phase: 'total', ms: total, share: formatShare(total, total) });
  return formatTable(lines, [
    { title: 'PHASE', value: ({ phase }) => phase },
    { title: 'MS', value: ({ ms }) => ms.toFixed(1), align: 'right' },
    { title: '%', value: ({ share }) => share, align: 'right' },
  ]);
}

/** A phase that came up again, after another one, is one line. */
function mergePhases(timings: readonly Timing[]): Timing[] {
  const merged = new Map<string, number>();
  for (const { phase, ms } of timings) merged.set(phase, (merged.get(phase) ?? 0) + ms);
  return [...merged].map(([phase, ms]) => ({ phase, ms }));
}

function formatShare(ms: number, total: number): string {
  return total > 0 ? ((ms / total) * 100).toFixed(1) : '0.0';
}
