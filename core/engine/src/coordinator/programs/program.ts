// SPDX-License-Identifier: Apache-2.0
import type { Json, OperationOutcome } from '@grit/plugin-api';
import type { OperationRun } from '../operation-run.js';

/** How a program ends well. */
export interface ProgramResult {
  readonly outcome: OperationOutcome;
  readonly result?: Json | undefined;
}

/** The course of one kind of operation. It is repeated from the start after a crash: all that it does is journaled or idempotent. */
export type Program = (run: OperationRun) => Promise<ProgramResult>;
