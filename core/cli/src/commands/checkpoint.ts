// SPDX-License-Identifier: Apache-2.0
import type { AfterCheckpoint, TcpPolicy } from '@grit/plugin-api';
import type { CommandSpec } from '../arguments/command-spec.js';
import { STORAGE_OPTION, SUBMIT_OPTIONS, TCP_OPTION } from '../arguments/shared-options.js';
import { parseDuration } from '../arguments/parse-duration.js';
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
    {
      name: 'ttl',
      value: 'TIME',
      summary: 'delete it after so long (30d, 12h), in the place of what the storage keeps; never the last good one',
    },
    ...SUBMIT_OPTIONS,
  ],
  examples: ['grit checkpoint train', 'grit checkpoint train --after stop'],
  async run(invocation, context) {
    const ttl = invocation.text('ttl');
    return await runOperation(invocation, context, {
      kind: 'checkpoint',
      workload: containerRef(invocation.positional(0)),
      afterCheckpoint: invocation.text('after') as AfterCheckpoint | undefined,
      storage: invocation.text('storage'),
      tcp: invocation.text('tcp') as TcpPolicy | undefined,
      ...(ttl !== undefined && { ttlMs: parseDuration(ttl, '--ttl') }),
    });
  },
};
