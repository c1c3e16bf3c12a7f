// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { containerRef } from '../arguments/container-ref.js';
import { printDocument } from '../output/print-document.js';
import { formatState } from '../records/workload-columns.js';
import { exitCodeOfWorkload, waitForEnd } from '../records/wait-for-end.js';

/** `grit wait`. */
export const command: CommandSpec = {
  name: 'wait',
  summary: 'wait until a workload ends, wherever it moves; exit with its exit code',
  arguments: [{ name: 'NAME', required: true, completes: 'workloads' }],
  options: [],
  examples: ['grit wait train'],
  async run(invocation, context) {
    const { name } = containerRef(invocation.positional(0));
    const record = await waitForEnd(context.session, name);
    if (!printDocument(context.terminal, context.format, record)) {
      context.terminal.out(`${name}: ${formatState(record)}\n`);
    }
    return exitCodeOfWorkload(record);
  },
};
