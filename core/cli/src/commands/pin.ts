// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { setPinned } from '../records/set-pinned.js';

/** `grit pin`. */
export const command: CommandSpec = {
  name: 'pin',
  summary: 'keep checkpoints whatever the policy of their storage says: neither it nor `grit delete` deletes them',
  arguments: [{ name: 'CHECKPOINT', required: true, repeatable: true, completes: 'checkpoints' }],
  options: [],
  examples: ['grit pin CHECKPOINT'],
  run: (invocation, context) => setPinned(context, invocation.positionals, true),
};
