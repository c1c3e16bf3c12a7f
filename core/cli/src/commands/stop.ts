// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { SUBMIT_OPTIONS } from '../arguments/shared-options.js';
import { containerRef } from '../arguments/container-ref.js';
import { parseDuration } from '../arguments/parse-duration.js';
import { runOperation } from '../operations/run-operation.js';
import { stopPlatform } from '../platform/stop-platform.js';

/** `grit stop`. */
export const command: CommandSpec = {
  name: 'stop',
  summary: 'stop a workload; without a name: end server, agents and queue, and leave workloads running',
  arguments: [{ name: 'NAME', required: false, completes: 'workloads' }],
  options: [{ name: 'grace', value: 'TIME', summary: 'from SIGTERM to SIGKILL (default: 10s)' }, ...SUBMIT_OPTIONS],
  examples: ['grit stop train', 'grit stop'],
  async run(invocation, context) {
    const name = invocation.positionals[0];
    if (name === undefined) return await stopPlatform(context);
    const grace = invocation.text('grace');
    return await runOperation(invocation, context, {
      kind: 'stop',
      workload: containerRef(name),
      graceMs: grace === undefined ? undefined : parseDuration(grace, '--grace'),
    });
  },
};
