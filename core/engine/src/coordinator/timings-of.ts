// SPDX-License-Identifier: Apache-2.0
import type { Json, Timing } from '@grit/plugin-api';
import type { StepRecord } from '../catalog/catalog.js';

/** Time that belongs to no step: queue, journal, messages. */
const BETWEEN = 'coordination';

/**
 * The phases of an operation from its journal: they neither overlap nor leave a gap, so they sum to the total,
 * also when the operation was taken up again after a crash. Of steps side by side only the time counts that the
 * earlier one did not cover.
 */
export function timingsOf(createdAt: number, finishedAt: number, steps: readonly StepRecord[]): Timing[] {
  const timings: Timing[] = [];
  const add = (phase: string, ms: number): void => {
    if (ms <= 0) return;
    const at = timings.findIndex((timing) => timing.phase === phase);
    if (at < 0) timings.push({ phase, ms });
    else timings[at] = { phase, ms: ms + (timings[at]?.ms ?? 0) };
  };
  let cursor = createdAt;
  for (const step of [...steps].sort((a, b) => a.startedAt - b.startedAt)) {
    const start = Math.max(step.startedAt, cursor);
    const end = Math.min(step.finishedAt ?? finishedAt, finishedAt);
    if (end <= cursor) continue;
    add(BETWEEN, start - cursor);
    const inner = step.startedAt >= cursor ? innerTimings(step.output) : [];
    const sum = inner.reduce((total, timing) => total + timing.ms, 0);
    const scale = sum > end - start ? (end - start) / sum : 1;
    if (inner.length === 0) add(step.name, end - start);
    else {
      for (const timing of inner) add(timing.phase, timing.ms * scale);
      add(BETWEEN, end - start - sum * scale);
    }
    cursor = end;
  }
  add(BETWEEN, finishedAt - cursor);
  return timings;
}

function innerTimings(output: Json | undefined): readonly Timing[] {
  const timings = (output as { readonly timings?: unknown } | null | undefined)?.timings;
  return Array.isArray(timings) ? (timings as Timing[]) : [];
}
