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
