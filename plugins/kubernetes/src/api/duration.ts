// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { checkedBy } from './schema-marks.js';

const FORM = '^([0-9]+(h|m|s))+$';

/** A length of time as people write it: 90s, 10m, 1h30m. */
export const durationSchema = z
  .string()
  .max(32)
  .regex(new RegExp(FORM))
  .meta(
    checkedBy({
      rule: `self.matches('${FORM}')`,
      message: 'is not a length of time: write hours, minutes and seconds, for example 72h, 1h30m or 90s',
    }),
  );

const UNITS = { h: 3_600_000, m: 60_000, s: 1000 } as const;

/** Milliseconds of a duration as it stands in a spec: `72h`, `1h30m`, `90s`. Undefined or empty gives the default. */
export function milliseconds(duration: string | undefined, usual: number): number {
  let sum: number | undefined;
  for (const [, count, unit] of (duration ?? '').matchAll(/(\d+)(h|m|s)/g)) {
    sum = (sum ?? 0) + Number(count) * UNITS[unit as keyof typeof UNITS];
  }
  return sum ?? usual;
}
