// SPDX-License-Identifier: Apache-2.0
import { GritError, isGritError, type ErrorCode } from '@grit/plugin-api';

/** The codes of damage that a part can have. */
type DamageCode = Extract<ErrorCode, `GRIT_IMAGE_PART_${string}`>;

/** The error for a damaged part of a stored image. */
export function damaged(
  code: DamageCode,
  part: string,
  checkpoint: string,
  what: string,
  details: Readonly<Record<string, number | string>> = {},
): GritError {
  return new GritError(code, `part ${part} of checkpoint ${checkpoint} ${what}`, {
    details: { part, checkpoint, ...details },
  });
}

/** The same error with the part's name in it, if it had none. */
export function namingPart(error: unknown, part: string): unknown {
  if (!isGritError(error) || error.details?.part !== undefined || error.code === 'GRIT_ABORTED') return error;
  return new GritError(error.code, `part ${part}: ${error.message}`, {
    hint: error.hint,
    retryable: error.retryable,
    cause: error,
    details: { ...error.details, part },
  });
}
