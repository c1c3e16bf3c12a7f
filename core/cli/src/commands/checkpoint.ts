// SPDX-License-Identifier: Apache-2.0
import type { AfterCheckpoint, TcpPolicy } from '@grit/plugin-api';
import type { CommandSpec } from '../arguments/command-spec.js';
import { STORAGE_OPTION, SUBMIT_OPTIONS, TCP_OPTION } from '../arguments/shared-options.js';
import { containerRef } from '../arguments/container-ref.js';
import { runOperation } from '../operations/run-operation.js';

/** `grit checkpoint`. */
export const command: CommandSpec = {
  name: 'checkpoint',
  summary: 'freeze a workload, store its state, verify what was stored',
  arguments: [{ name: 'NAME', required: true, completes: 'workloads' }],
  options: [
    {
      name: 'after',
      value: 'WHAT',
      choices: ['resume', 'stop', 'hold'],
      summary: 'afterwards it goes on, ends, or stays frozen until `grit release`',
    },
    STORAGE_OPTION,
    TCP_OPTION,
    ...SUBMIT_OPTIONS,
  ],
  examples: ['grit checkpoint train', 'grit checkpoint train --after stop'],
  async run(invocation, context) {
    return await runOperation(invocation, context, {
      kind: 'checkpoint',
      workload: containerRef(invocation.positional(0)),
      afterCheckpoint: invocation.text('after') as AfterCheckpoint | undefined,
      storage: invocation.text('storage'),
      tcp: invocation.text('tcp') as TcpPolicy | undefined,
    });
  },
};
