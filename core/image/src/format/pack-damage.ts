// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';

/** The error for a pack that is not as it was written. Which parts have chunks in it is for the caller to say. */
export function packDamage(
  code: 'GRIT_IMAGE_PART_CORRUPT' | 'GRIT_IMAGE_PART_TRUNCATED',
  pack: string,
  what: string,
): GritError {
  return new GritError(code, `pack ${pack} ${what}`, { details: { pack } });
}
