// SPDX-License-Identifier: Apache-2.0
import type { GritError, OperationOutcome } from '@grit/plugin-api';

/** Thrown by a program: the operation failed, and this is what became of the workload. */
export class FailedOperation extends Error {
  constructor(
    readonly error: GritError,
    readonly outcome: OperationOutcome,
  ) {
    super(error.message, { cause: error });
    this.name = 'FailedOperation';
  }
}
