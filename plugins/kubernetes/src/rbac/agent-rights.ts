// SPDX-License-Identifier: Apache-2.0
import { GROUP } from '../api/group.js';
import type { Right } from './right.js';

const ours = (resource: string, verbs: readonly string[], why: string): Right => ({
  group: GROUP,
  resource,
  verbs,
  where: 'cluster',
  why,
});

/** What the agents of the nodes may do. Which objects, and which of their fields, the policy narrows further. */
export const AGENT_RIGHTS: readonly Right[] = [
  ours('checkpoints', ['get', 'list', 'watch'], 'reads the orders to its node'),
  ours('checkpoints/status', ['patch'], 'reports on them'),
  ours('restores', ['get', 'list', 'watch'], 'reads the orders to its node'),
  ours('restores/status', ['patch'], 'reports on them'),
  ours('checkpointstores', ['get', 'list', 'watch'], 'knows where images are kept'),
  ours('checkpointstores/status', ['patch'], 'says whether its node can use them'),
  ours('gritnodes', ['get', 'create', 'patch'], 'publishes what its node is'),
  ours('gritnodes/status', ['patch'], 'publishes what its node is'),
  { group: '', resource: 'nodes', verbs: ['get'], where: 'cluster', why: 'its GritNode goes when the Node goes' },
  { group: '', resource: 'pods', verbs: ['get'], where: 'cluster', why: 'ends the wait of a pod that is deleted' },
  {
    group: 'coordination.k8s.io',
    resource: 'leases',
    verbs: ['create', 'patch'],
    where: 'own namespace',
    why: 'shows that it lives',
  },
];
