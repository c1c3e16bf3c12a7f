// SPDX-License-Identifier: Apache-2.0
import { ERROR_OUTCOMES, ERRORS, isErrorCode, type SerializedGritError } from '@grit/plugin-api';

/** Ctrl-C: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;

/** The exit code for an error that came as data. */
export function exitCodeOf(error: Pick<SerializedGritError, 'code'> | undefined): number {
  if (error === undefined || !isErrorCode(error.code)) return ERROR_OUTCOMES.internal.exit;
  return ERROR_OUTCOMES[ERRORS[error.code].kind].exit;
}

/** Thrown by a command whose last word is said: nothing more is printed. */
export class ExitWith extends Error {
  constructor(readonly code: number) {
    super(`exit ${String(code)}`);
    this.name = 'ExitWith';
  }
}
