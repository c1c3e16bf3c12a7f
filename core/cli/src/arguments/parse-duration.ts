// SPDX-License-Identifier: Apache-2.0
import { usageError } from './usage-error.js';

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds of `500ms`, `10s`, `2m`, `30d`; a bare number is in seconds. */
export function parseDuration(text: string, what: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)?$/.exec(text);
  const ms = match === null ? NaN : Math.round(Number(match[1]) * (UNITS[match[2] ?? 's'] ?? NaN));
  if (Number.isSafeInteger(ms)) return ms;
  throw usageError(`${what}: "${text}" is not a duration; write it like 10s or 500ms`);
}
