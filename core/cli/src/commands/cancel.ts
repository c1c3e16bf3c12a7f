// SPDX-License-Identifier: Apache-2.0
import { isFinal } from '@grit/plugin-api';
import type { CommandSpec } from '../arguments/command-spec.js';
import { openProgressView } from '../operations/progress-view.js';
import { watchOperation } from '../operations/watch-operation.js';
import { describeOutcome } from '../operations/describe-outcome.js';
import { isForPrograms, printDocument } from '../output/print-document.js';

/** `grit cancel`. */
export const command: CommandSpec = {
  name: 'cancel',
  summary: 'end an operation, take back what it had done, and say what became of the workload',
  arguments: [{ name: 'OPERATION', required: true, completes: 'operations' }],
  options: [{ name: 'no-wait', summary: 'do not wait for the end' }],
  examples: ['grit cancel OPERATION'],
  async run(invocation, context) {
    const { session, terminal, format } = context;
    const id = invocation.positional(0);
    const { signal } = new AbortController();
    const before = await session.call((api) => api.get(id, signal));
    if (!isFinal(before.phase)) await session.call((api) => api.cancel(id, 'grit cancel', signal));
    if (invocation.has('no-wait')) return 0;
    const view = openProgressView(terminal, isForPrograms(format));
    const { status } = isFinal(before.phase) ? { status: before } : await watchOperation(session, id, view);
    if (printDocument(terminal, format, status)) return 0;
    const late = status.phase === 'Cancelled' ? '' : ' before it could be cancelled';
    terminal.out(`Operation ${id} ended as ${status.phase}${late}. ${describeOutcome(status).sentence}\n`);
    return 0;
  },
};
