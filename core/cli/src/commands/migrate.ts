// SPDX-License-Identifier: Apache-2.0
import { checkName, type TcpPolicy } from '@grit/plugin-api';
import type { CommandSpec } from '../arguments/command-spec.js';
import { STORAGE_OPTION, SUBMIT_OPTIONS, TCP_OPTION } from '../arguments/shared-options.js';
import { containerRef } from '../arguments/container-ref.js';
import { usageError } from '../arguments/usage-error.js';
import { runOperation } from '../operations/run-operation.js';

/** `grit migrate`. */
export const command: CommandSpec = {
  name: 'migrate',
  summary: 'move a running workload to another node',
  arguments: [{ name: 'NAME', required: true, completes: 'workloads' }],
  options: [
    { name: 'to', value: 'NODE', completes: 'nodes', summary: 'the node to move to' },
    STORAGE_OPTION,
    TCP_OPTION,
    ...SUBMIT_OPTIONS,
  ],
  examples: ['grit migrate train --to b'],
  async run(invocation, context) {
    const to = invocation.text('to');
    if (to === undefined) throw usageError('grit migrate needs --to NODE', 'migrate');
    return await runOperation(invocation, context, {
      kind: 'migrate',
      workload: containerRef(invocation.positional(0)),
      to: checkName(to, '--to'),
      storage: invocation.text('storage'),
      tcp: invocation.text('tcp') as TcpPolicy | undefined,
    });
  },
};
