// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { setPinned } from '../records/set-pinned.js';

/** `grit unpin`. */
export const command: CommandSpec = {
  name: 'unpin',
  summary: 'let checkpoints that were pinned be deleted again, by `grit delete` and by the policy of their storage',
  arguments: [{ name: 'CHECKPOINT', required: true, repeatable: true, completes: 'checkpoints' }],
  options: [],
  examples: ['grit unpin CHECKPOINT'],
  run: (invocation, context) => setPinned(context, invocation.positionals, false),
};
