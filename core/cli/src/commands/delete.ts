// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { SUBMIT_OPTIONS } from '../arguments/shared-options.js';
import { usageError } from '../arguments/usage-error.js';
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
  options: [
    {
      name: 'storage',
      value: 'NAME',
      summary: 'only the image in this storage; the checkpoint stays where else it is (default: all images of it)',
    },
    ...SUBMIT_OPTIONS,
  ],
  examples: [
    'grit delete checkpoint CHECKPOINT',
    'grit delete checkpoint CHECKPOINT --storage bucket',
    'grit delete workload train',
  ],
  async run(invocation, context) {
    const name = invocation.positional(1);
    if (invocation.has('storage') && invocation.positional(0) !== 'checkpoint') {
      throw usageError('--storage is for checkpoints', 'delete');
    }
    return await runOperation(
      invocation,
      context,
      invocation.positional(0) === 'checkpoint'
        ? { kind: 'delete', checkpoint: name, storage: invocation.text('storage') }
        : { kind: 'delete', workload: containerRef(name) },
    );
  },
};
