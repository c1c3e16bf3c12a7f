// SPDX-License-Identifier: Apache-2.0
import type { StepStatus } from '@grit/plugin-api';
import { formatBytes } from '../output/format-bytes.js';
import { formatDuration } from '../output/format-time.js';

const BAR_WIDTH = 24;

/** One line for a step that has ended: `dump on a: 123 ms`. */
export function formatStepEnd(step: StepStatus): string {
  const took = formatDuration((step.finishedAt ?? 0) - (step.startedAt ?? step.finishedAt ?? 0));
  if (step.phase === 'Succeeded') return `${place(step)}: ${took}`;
  const why = step.error === undefined ? '' : `: ${step.error.message}`;
  return `${place(step)}: ${step.phase.toLowerCase()} after ${took}${why}`;
}

/** One line for a running step: `store on a: 120.0 MiB of 260.0 MiB, 310.0 MiB/s`. */
export function formatProgress(step: StepStatus, now: number): string {
  return [place(step), amount(step, now)].filter(Boolean).join(': ');
}

/** A running step with a bar when its total is known, cut to the width. */
export function formatBar(step: StepStatus, now: number, width: number): string {
  const { doneBytes = 0, totalBytes } = step.progress ?? {};
  const elapsed = step.startedAt === undefined ? '' : formatDuration(now - step.startedAt);
  const share = totalBytes === undefined || totalBytes === 0 ? undefined : Math.min(1, doneBytes / totalBytes);
  const parts = [place(step).padEnd(20)];
  if (share !== undefined) parts.push(bar(share), `${String(Math.floor(share * 100)).padStart(3)} %`);
  parts.push(step.progress === undefined ? elapsed : amount(step, now));
  return parts.filter(Boolean).join('  ').slice(0, width);
}

function place(step: StepStatus): string {
  const phase = step.finishedAt === undefined ? step.progress?.phase : undefined;
  const what = phase === undefined || phase === step.name ? step.name : `${step.name} (${phase})`;
  return `${what}${step.node === undefined ? '' : ` on ${step.node}`}`;
}

function amount(step: StepStatus, now: number): string {
  if (step.progress === undefined) return '';
  const { doneBytes, totalBytes } = step.progress;
  const seconds = (now - (step.startedAt ?? now)) / 1_000;
  const rate = seconds > 0 ? `, ${formatBytes(doneBytes / seconds)}/s` : '';
  return `${formatBytes(doneBytes)}${totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`}${rate}`;
}

function bar(share: number): string {
  const full = Math.round(share * BAR_WIDTH);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}]`;
}
