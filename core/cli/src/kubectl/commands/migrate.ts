// SPDX-License-Identifier: Apache-2.0
import type { KubeCommand } from '../command.js';
import { STORAGE_OPTIONS, WAIT_OPTIONS } from '../options.js';

/** `kubectl grit migrate`. */
export const command: KubeCommand = {
  name: 'migrate',
  summary: 'move running pods to other nodes: each is frozen, stored, stopped, and its successor goes on',
  arguments: [{ name: 'POD', required: false, completes: 'pods' }],
  options: [
    { name: 'selector', short: 'l', value: 'SELECTOR', summary: 'the pods that have these labels, instead of one' },
    { name: 'to', value: 'NODE', completes: 'nodes', summary: 'node to move to (default: the scheduler chooses)' },
    ...STORAGE_OPTIONS,
    {
      name: 'deadline',
      value: 'WHEN',
      summary: 'a pod that is not frozen by then stays: 10m from now, or a time like 2026-11-28T10:00:00Z',
    },
    {
      name: 'fallback',
      value: 'WHAT',
      choices: ['none', 'fresh'],
      summary: 'a pod that cannot be restored does not start (none), or starts from the beginning (default: none)',
    },
    { name: 'parallel', value: 'N', summary: 'with -l: pods that are moved at once (default: 10)' },
    {
      name: 'name',
      value: 'NAME',
      summary: 'name of the Migration; one that is there goes on (default: made of the pod or the selector)',
    },
    ...WAIT_OPTIONS,
  ],
  examples: [
    'kubectl grit migrate train-0 --wait',
    'kubectl grit migrate train-0 --to node-b --claim ckpt',
    'kubectl grit migrate -l app=train --deadline 10m --wait',
  ],
  async run(invocation, context) {
    const { migratePods } = await import('../order/migrate-pods.js');
    return await migratePods(invocation, context);
  },
};
