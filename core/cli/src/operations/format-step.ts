// SPDX-License-Identifier: Apache-2.0
import type { StepStatus } from '@grit/plugin-api';
import { formatShareBar } from '../output/bar.js';
import { formatAmount } from '../output/format-amount.js';
import { formatDuration } from '../output/format-time.js';

/** One line for a step that has ended: `dump on a: 123 ms`. */
export function formatStepEnd(step: StepStatus): string {
  const took = formatDuration((step.finishedAt ?? 0) - (step.startedAt ?? step.finishedAt ?? 0));
  if (step.phase === 'Succeeded') return `${place(step)}: ${took}`;
  const why = step.error === undefined ? '' : `: ${step.error.message}`;
  return `${place(step)}: ${step.phase.toLowerCase()} after ${took}${why}`;
}

/** One line for a running step: `store on a: 120.0 MiB of 260.0 MiB, 310.0 MiB/s, 0.5 s left`. */
export function formatProgress(step: StepStatus, now: number): string {
  return [place(step), amount(step, now)].filter(Boolean).join(': ');
}

/** A running step with a bar when its total is known, cut to the width. */
export function formatBar(step: StepStatus, now: number, width: number): string {
  const { doneBytes = 0, totalBytes } = step.progress ?? {};
  const elapsed = step.startedAt === undefined ? '' : formatDuration(now - step.startedAt);
  const parts = [place(step).padEnd(20)];
  if (totalBytes !== undefined && totalBytes > 0) parts.push(formatShareBar(doneBytes, totalBytes));
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
  return formatAmount(step.progress, now - (step.startedAt ?? now));
}
