// SPDX-License-Identifier: Apache-2.0
import type { Progress } from '@grit/plugin-api';
import { formatBytes } from './format-bytes.js';
import { formatDuration } from './format-time.js';

/** Before that a rate says nothing about the time that is left. */
const TELLING_MS = 1_000;

/** How far it is after so many milliseconds: `120.0 MiB of 260.0 MiB, 310.0 MiB/s, 12.0 s left`. */
export function formatAmount(
  { doneBytes, totalBytes }: Pick<Progress, 'doneBytes' | 'totalBytes'>,
  ms: number,
): string {
  const parts = [`${formatBytes(doneBytes)}${totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`}`];
  if (ms > 0) parts.push(`${formatBytes((doneBytes / ms) * 1_000)}/s`);
  if (ms >= TELLING_MS && totalBytes !== undefined && doneBytes > 0 && doneBytes < totalBytes) {
    parts.push(`${formatDuration(((totalBytes - doneBytes) / doneBytes) * ms)} left`);
  }
  return parts.join(', ');
}
