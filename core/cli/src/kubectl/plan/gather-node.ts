// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import {
  GRIT_NODES,
  NODES,
  PODS,
  type GritNode,
  type KubeClient,
  type KubeNode,
  type Pod,
} from '@grit/plugin-kubernetes';
import { lookAtStorage, type WantedStorage } from '../order/choose-storage.js';
import type { DrainFacts } from './drain-plan.js';

/** What is on a node, and where it could go. Throws GRIT_NODE_NOT_FOUND. */
export async function gatherNode(
  client: KubeClient,
  name: string,
  wanted: WantedStorage,
  signal: AbortSignal,
): Promise<DrainFacts> {
  const node = name.replace(/^nodes?\//, '');
  if ((await client.find(NODES, { name: node }, signal)) === undefined) {
    throw new GritError('GRIT_NODE_NOT_FOUND', `there is no node ${node} in the cluster`, {
      hint: '`kubectl get nodes` lists them.',
    });
  }
  const [nodes, gritNodes, pods] = await Promise.all([
    client.list<KubeNode>(NODES, {}, signal),
    client.list<GritNode>(GRIT_NODES, {}, signal),
    podsOf(client, node, signal),
  ]);
  const namespaces = pods.map(({ metadata }) => metadata.namespace ?? '');
  const storage = await lookAtStorage(client, wanted, namespaces, signal);
  return { node, pods, nodes: nodes.items, gritNodes: gritNodes.items, storage };
}

/** All pods that the scheduler, or somebody else, has put on the node. */
async function podsOf(client: KubeClient, node: string, signal: AbortSignal): Promise<readonly Pod[]> {
  const list = await client.list<Pod>(PODS, { fieldSelector: `spec.nodeName=${node}` }, signal);
  return list.items;
}
