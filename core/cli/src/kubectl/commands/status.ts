// SPDX-License-Identifier: Apache-2.0
import type { KubeCommand } from '../command.js';

/** `kubectl grit status`. */
export const command: KubeCommand = {
  name: 'status',
  summary: 'what is going on, one line a pod; with a name everything about that checkpoint, move, restore, pod or node',
  arguments: [{ name: 'KIND/NAME|POD', required: false, completes: 'moves' }],
  options: [
    { name: 'all-namespaces', short: 'A', summary: 'of all namespaces' },
    { name: 'all', short: 'a', summary: 'also what has ended' },
    { name: 'watch', short: 'w', summary: 'go on looking until Ctrl-C' },
  ],
  examples: [
    'kubectl grit status',
    'kubectl grit status -A -w',
    'kubectl grit status migration/train-0-3fa2b',
    'kubectl grit status node/node-a',
  ],
  async run(invocation, context) {
    const { showStatus } = await import('../status/show-status.js');
    return await showStatus(invocation, context);
  },
};
