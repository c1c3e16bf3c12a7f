// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { CommandContext } from '../command-context.js';
import { EXIT_INTERRUPTED, exitCodeOf } from '../exit-codes.js';
import { formatError } from '../output/format-error.js';
import { printDocument } from '../output/print-document.js';
import { formatTimings } from '../output/timings-table.js';
import { describeOutcome } from './describe-outcome.js';
import { nameWorkload } from './name-workload.js';
import type { WatchedOperation } from './watch-operation.js';

/** Kinds whose phases are worth a table at once; for the others `grit describe operation` has it. */
const WITH_TIMINGS = new Set(['checkpoint', 'restore', 'migrate']);

/** Prints how an operation ended and returns the exit code. */
export function reportOperation({ status, interrupted }: WatchedOperation, context: CommandContext): number {
  const { terminal, format } = context;
  const failed = status.phase !== 'Succeeded';
  const exit = !failed ? 0 : interrupted && status.phase === 'Cancelled' ? EXIT_INTERRUPTED : exitCodeOf(status.error);
  if (printDocument(terminal, format, status)) return exit;
  const { sentence, next } = describeOutcome(status);
  if (failed) {
    const error = status.error ?? new GritError('GRIT_INTERNAL', `the ${status.kind} ended without an error`).toJSON();
    terminal.error(formatError(GritError.fromJSON({ ...error, hint: nameWorkload(error.hint, status) }), terminal));
    terminal.error(`state: ${sentence}\noperation: ${status.id}\n`);
    return exit;
  }
  terminal.out(`${sentence}\n`);
  if (status.checkpoint !== undefined) terminal.out(`checkpoint: ${status.checkpoint}\n`);
  terminal.out(`operation: ${status.id}\n`);
  if (WITH_TIMINGS.has(status.kind)) {
    const wall = status.finishedAt === undefined ? undefined : status.finishedAt - status.createdAt;
    terminal.out(`\n${formatTimings(status.timings, wall)}`);
  }
  if (next !== undefined) terminal.out(`\nnext: ${next}\n`);
  return exit;
}
