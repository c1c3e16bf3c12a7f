// SPDX-License-Identifier: Apache-2.0
import type { KubeNode } from '../api/core-kinds.js';
import type { GritNode } from '../api/grit-node.js';

/** Why nothing can be placed on a node at the moment, whatever it is; a sentence each. */
export interface NodeReasons {
  /** Somebody has to do something about them. */
  readonly lasting: readonly string[];
  /** Of a node or an agent that has stopped, most likely to come again. */
  readonly passing: readonly string[];
}

/** See {@link NodeReasons}. */
export function nodeReasons(node: KubeNode, gritNode: GritNode | undefined): NodeReasons {
  const lasting: string[] = [];
  if (node.metadata.deletionTimestamp !== undefined) lasting.push('the node is being deleted');
  if (node.spec?.unschedulable === true) lasting.push('the node is cordoned; `kubectl uncordon` allows pods again');
  const agent = agentReasons(gritNode);
  return {
    lasting: [...lasting, ...agent.lasting],
    passing: [...(isNodeReady(node) ? [] : ['the node is not Ready']), ...agent.passing],
  };
}

/** Whether the kubelet of a node answers and can take pods. */
export function isNodeReady(node: KubeNode): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

function agentReasons(gritNode: GritNode | undefined): NodeReasons {
  if (gritNode === undefined) return { lasting: ['no GRIT agent has reported from this node'], passing: [] };
  const { phase, problems = [] } = gritNode.status ?? {};
  if (phase === 'Ready') return { lasting: [], passing: [] };
  const lasting = problems.slice(0, 4).map(({ message }) => `the GRIT agent cannot work: ${message}`);
  return { lasting, passing: lasting.length > 0 ? [] : [`the GRIT agent is ${phase ?? 'not Ready yet'}`] };
}
