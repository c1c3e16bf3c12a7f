// SPDX-License-Identifier: Apache-2.0
import { usageError } from '../../arguments/usage-error.js';

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000 };
const LENGTH = /^(\d{1,9}(h|m|s))+$/;

/** Milliseconds of `90s`, `10m`, `1h30m`. Throws GRIT_USAGE. */
export function parseLength(text: string, option: string, command: string): number {
  if (!LENGTH.test(text)) {
    throw usageError(
      `${option}: "${text}" is not a length of time; write it like 90s, 10m or 1h30m`,
      command,
      'kubectl grit',
    );
  }
  return [...text.matchAll(/(\d+)(h|m|s)/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0),
    0,
  );
}

/** A moment: `10m` from now, or a time as RFC 3339 has it. Returns RFC 3339. Throws GRIT_USAGE. */
export function parseWhen(text: string, option: string, command: string, now: Date): string {
  if (LENGTH.test(text)) return new Date(now.getTime() + parseLength(text, option, command)).toISOString();
  const at = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) {
    const message = `${option}: "${text}" is neither a length of time like 10m nor a time like 2026-11-28T10:00:00Z`;
    throw usageError(message, command, 'kubectl grit');
  }
  if (at <= now.getTime()) throw usageError(`${option}: ${text} is over`, command, 'kubectl grit');
  return new Date(at).toISOString();
}

/** A number of pods, 1 or more. Throws GRIT_USAGE. */
export function parseCount(text: string, option: string, command: string): number {
  if (/^[1-9]\d{0,2}$/.test(text)) return Number(text);
  throw usageError(`${option}: "${text}" is not a number from 1 to 999`, command, 'kubectl grit');
}
