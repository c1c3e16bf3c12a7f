// SPDX-License-Identifier: Apache-2.0
import { ERRORS, outcomeOf, type ErrorCode } from '@grit/plugin-api';
import type { StatusError } from '../../api/step.js';

/** An error of the catalogue as it stands in a status. */
export function statusError(code: ErrorCode, message: string, retryable?: boolean): StatusError {
  return { code, message, hint: ERRORS[code].hint, retryable: retryable ?? outcomeOf(code).retry !== 'never' };
}
