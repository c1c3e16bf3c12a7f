// SPDX-License-Identifier: Apache-2.0
import { NODES, type KubeNode, type Pod } from '../../api/core-kinds.js';
import type { GritNode } from '../../api/grit-node.js';
import { GRIT_NODES } from '../../api/kinds.js';
import { isNodeReady } from '../../placement/node-rules.js';
import type { AdmissionContext } from '../admission-context.js';
import { look } from '../look.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';

/** Throws an AdmissionRefusal unless the node of the pod is Ready and its agent can work. `field` is what chose the pod. */
export async function checkNodeOf(
  { client, informers }: AdmissionContext,
  field: string,
  pod: Pod,
  signal: AbortSignal,
): Promise<GritNode> {
  const name = pod.spec.nodeName ?? '';
  const where = `pod ${pod.metadata.name} is on node ${name}`;
  const node = await look({ client, informer: informers.nodes, type: NODES }, { name }, isNodeReady, signal);
  if (node === undefined || !isNodeReady(node)) {
    throw new AdmissionRefusal(
      field,
      `${where}, which is not Ready; a pod can be checkpointed only while its node works, see \`kubectl describe node ${name}\``,
    );
  }
  const gritNode = await look(
    { client, informer: informers.gritNodes, type: GRIT_NODES },
    { name },
    isAgentReady,
    signal,
  );
  if (gritNode === undefined) {
    throw new AdmissionRefusal(
      field,
      `${where}, where no GRIT agent runs; let the DaemonSet grit-agent run there, \`kubectl get gritnodes\` shows where it does`,
    );
  }
  if (!isAgentReady(gritNode)) {
    const [problem] = gritNode.status?.problems ?? [];
    const why =
      problem === undefined ? `is ${gritNode.status?.phase ?? 'not Ready yet'}` : `cannot work: ${problem.message}`;
    throw new AdmissionRefusal(
      field,
      `${where}, whose GRIT agent ${why}; ${problem?.hint ?? `see \`kubectl describe gritnode ${name}\``}`,
    );
  }
  return gritNode;
}

/** The node that is wanted. Throws an AdmissionRefusal when the cluster has none of this name. */
export async function wantedNode(
  { client, informers }: AdmissionContext,
  field: string,
  name: string,
  signal: AbortSignal,
): Promise<KubeNode> {
  const node = await look({ client, informer: informers.nodes, type: NODES }, { name }, () => true, signal);
  if (node !== undefined) return node;
  throw new AdmissionRefusal(
    field,
    `there is no node ${name}; leave it out for any compatible node, \`kubectl get nodes\` lists those that there are`,
  );
}

function isAgentReady({ status }: GritNode): boolean {
  return status?.phase === 'Ready';
}
