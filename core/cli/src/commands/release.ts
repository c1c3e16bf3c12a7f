// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { SUBMIT_OPTIONS } from '../arguments/shared-options.js';
import { containerRef } from '../arguments/container-ref.js';
import { usageError } from '../arguments/usage-error.js';
import { runOperation } from '../operations/run-operation.js';

/** `grit release`. */
export const command: CommandSpec = {
  name: 'release',
  summary: 'let a held workload go on, or end it',
  arguments: [{ name: 'NAME', required: true, completes: 'workloads' }],
  options: [{ name: 'resume', summary: 'it goes on running' }, { name: 'stop', summary: 'it ends' }, ...SUBMIT_OPTIONS],
  examples: ['grit release train --resume'],
  async run(invocation, context) {
    const resume = invocation.has('resume');
    if (resume === invocation.has('stop')) throw usageError('grit release needs --resume or --stop', 'release');
    return await runOperation(invocation, context, {
      kind: 'release',
      workload: containerRef(invocation.positional(0)),
      mode: resume ? 'resume' : 'stop',
    });
  },
};
