// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { SUBMIT_OPTIONS } from '../arguments/shared-options.js';
import { containerRef } from '../arguments/container-ref.js';
import { runOperation } from '../operations/run-operation.js';

/** `grit delete`. */
export const command: CommandSpec = {
  name: 'delete',
  summary: 'delete a checkpoint with its image, or what is left of an ended workload',
  arguments: [
    { name: 'KIND', required: true, choices: ['workload', 'checkpoint'] },
    { name: 'NAME', required: true },
  ],
  options: SUBMIT_OPTIONS,
  examples: ['grit delete checkpoint CHECKPOINT', 'grit delete workload train'],
  async run(invocation, context) {
    const name = invocation.positional(1);
    return await runOperation(
      invocation,
      context,
      invocation.positional(0) === 'checkpoint'
        ? { kind: 'delete', checkpoint: name }
        : { kind: 'delete', workload: containerRef(name) },
    );
  },
};
