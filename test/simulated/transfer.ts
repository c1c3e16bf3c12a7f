// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { StepProgress } from '@grit/plugin-kubernetes';

const TICK_MS = 200;

/** Lets pass the time that so many bytes take, and says how far it is. Returns the milliseconds. */
export async function transfer(
  phase: string,
  size: { readonly bytes: number; readonly bytesPerSecond: number },
  onProgress: (progress: StepProgress) => void,
  signal: AbortSignal,
): Promise<number> {
  const { bytes, bytesPerSecond } = size;
  const totalMs = (bytes / bytesPerSecond) * 1_000;
  const start = performance.now();
  for (;;) {
    signal.throwIfAborted();
    const left = totalMs - (performance.now() - start);
    const doneBytes = Math.round(bytes * (1 - Math.max(left, 0) / (totalMs || 1)));
    onProgress({ phase, doneBytes, totalBytes: bytes, bytesPerSecond: Math.min(bytesPerSecond, bytes) });
    if (left <= 0) return performance.now() - start;
    await delay(Math.min(left, TICK_MS), undefined, { signal });
  }
}
