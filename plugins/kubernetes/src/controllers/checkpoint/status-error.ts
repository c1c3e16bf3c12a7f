// SPDX-License-Identifier: Apache-2.0
import { ERRORS, outcomeOf, type ErrorCode } from '@grit/plugin-api';
import type { StatusError } from '../../api/step.js';

/** The schema's bounds: a longer text would make every write of the status fail. */
const MOST_MESSAGE = 4096;
const MOST_HINT = 2048;

/** An error of the catalogue as it stands in a status. */
export function statusError(code: ErrorCode, message: string, retryable?: boolean): StatusError {
  return clipped({ code, message, hint: ERRORS[code].hint, retryable: retryable ?? outcomeOf(code).retry !== 'never' });
}

/** The error, no longer than a status may have it. */
export function clipped(error: StatusError): StatusError {
  return { ...error, message: clip(error.message, MOST_MESSAGE), hint: clip(error.hint, MOST_HINT) };
}

/** The server counts code points, which are never more than the code units counted here. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  // Half a surrogate pair is no text.
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
