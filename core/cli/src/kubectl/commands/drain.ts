// SPDX-License-Identifier: Apache-2.0
import type { KubeCommand } from '../command.js';
import { STORAGE_OPTIONS, WAIT_OPTIONS } from '../options.js';

/** `kubectl grit drain`. */
export const command: KubeCommand = {
  name: 'drain',
  summary: 'cordon a node and move its pods to other nodes, where they go on; say what cannot be moved, and why',
  arguments: [{ name: 'NODE', required: true, completes: 'nodes' }],
  options: [
    { name: 'dry-run', summary: 'say what would be done with each pod, and do nothing' },
    ...STORAGE_OPTIONS,
    { name: 'ignore-daemonsets', summary: 'pods of DaemonSets may stay; without it they count as not moved' },
    {
      name: 'evict-others',
      summary: 'evict what cannot be moved and is made anew by its owner: it starts from the beginning elsewhere',
    },
    {
      name: 'move-host-paths',
      summary: 'move pods with hostPath volumes, too: every node has the same files there',
    },
    {
      name: 'parallel',
      value: 'N',
      summary: 'with --wait: pods that are moved at once (default: all are ordered, the agent bounds what it does)',
    },
    { name: 'deadline', value: 'WHEN', summary: 'a pod that is not frozen by then stays: 10m from now, or a time' },
    ...WAIT_OPTIONS,
  ],
  examples: [
    'kubectl grit drain node-a --dry-run',
    'kubectl grit drain node-a --ignore-daemonsets --wait',
    'kubectl uncordon node-a',
  ],
  async run(invocation, context) {
    const { drainNode } = await import('../plan/drain-node.js');
    return await drainNode(invocation, context);
  },
};
