// SPDX-License-Identifier: Apache-2.0
import type { KubeNode } from '../api/core-kinds.js';
import type { GritNode } from '../api/grit-node.js';

/** Why nothing can be placed on a node at the moment, whatever it is; a sentence each. */
export function nodeReasons(node: KubeNode, gritNode: GritNode | undefined): readonly string[] {
  const reasons: string[] = [];
  if (node.metadata.deletionTimestamp !== undefined) reasons.push('the node is being deleted');
  if (node.spec?.unschedulable === true) reasons.push('the node is cordoned; `kubectl uncordon` allows pods again');
  if (!isNodeReady(node)) reasons.push('the node is not Ready');
  return [...reasons, ...agentReasons(gritNode)];
}

/** Whether the kubelet of a node answers and can take pods. */
export function isNodeReady(node: KubeNode): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

function agentReasons(gritNode: GritNode | undefined): readonly string[] {
  if (gritNode === undefined) return ['no GRIT agent has reported from this node'];
  const { phase, problems = [] } = gritNode.status ?? {};
  if (phase === 'Ready') return [];
  const why = problems.slice(0, 4).map(({ message }) => `the GRIT agent cannot work: ${message}`);
  return why.length > 0 ? why : [`the GRIT agent is ${phase ?? 'not Ready yet'}`];
}
