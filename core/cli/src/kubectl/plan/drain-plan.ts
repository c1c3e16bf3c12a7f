// SPDX-License-Identifier: Apache-2.0
import {
  compatibleNodes,
  describeExcluded,
  ownerOf,
  makesPodsAnew,
  sourceOf,
  type GritNode,
  type KubeNode,
  type Pod,
} from '@grit/plugin-kubernetes';
import { whyNoStorage, type StorageFacts } from '../order/choose-storage.js';
import { whyStays, type Stay } from './why-stays.js';

/** What is done with a pod of a node that is drained. */
export interface PodPlan {
  readonly pod: Pod;
  /** `leave`: nothing is done. */
  readonly action: 'migrate' | 'evict' | 'leave';
  /** Why it is not migrated. */
  readonly stay?: Stay | undefined;
  /** Whether the node is not empty as long as it is there. */
  readonly counts: boolean;
}

/** Everything that is looked at. */
export interface DrainFacts {
  readonly node: string;
  readonly pods: readonly Pod[];
  readonly nodes: readonly KubeNode[];
  readonly gritNodes: readonly GritNode[];
  readonly storage: StorageFacts;
}

/** What the command line allows. */
export interface DrainWish {
  readonly ignoreDaemonSets: boolean;
  readonly evictOthers: boolean;
  readonly moveHostPaths: boolean;
}

/** What is done with each pod of the node, from facts alone; what is moved comes first. */
export function planDrain(facts: DrainFacts, wish: DrainWish): readonly PodPlan[] {
  const order = { migrate: 0, evict: 1, leave: 2 };
  return facts.pods
    .map((pod) => planPod(facts, pod, wish))
    .sort((a, b) => order[a.action] - order[b.action] || (nameOf(a.pod) < nameOf(b.pod) ? -1 : 1));
}

function planPod(facts: DrainFacts, pod: Pod, wish: DrainWish): PodPlan {
  const stay = whyStays(pod, wish) ?? whyNowhere(facts, pod);
  if (stay === undefined) return { pod, action: 'migrate', counts: true };
  switch (stay.reason) {
    case 'ClaimPod':
    case 'MirrorPod':
    case 'Terminating':
      return { pod, action: 'leave', stay, counts: false };
    case 'Finished':
      return { pod, action: wish.evictOthers ? 'evict' : 'leave', stay, counts: false };
    case 'DaemonSet':
      // It would come back at once, whether the node is cordoned or not.
      return { pod, action: 'leave', stay, counts: !wish.ignoreDaemonSets };
    default:
      return { pod, action: wish.evictOthers && isMadeAnew(pod) ? 'evict' : 'leave', stay, counts: true };
  }
}

/** Without an owner its work would be gone for good. */
function isMadeAnew(pod: Pod): boolean {
  const owner = ownerOf(pod);
  return owner !== undefined && makesPodsAnew(owner);
}

function whyNowhere({ node, nodes, gritNodes, storage }: DrainFacts, pod: Pod): Stay | undefined {
  const none = whyNoStorage(storage, pod.metadata.namespace ?? '');
  if (none !== undefined) return { reason: 'NoStorage', message: none };
  const gritNodeOf = (name: string): GritNode | undefined => gritNodes.find(({ metadata }) => metadata.name === name);
  const source = gritNodeOf(node);
  if (source?.status?.phase !== 'Ready') {
    const state = source === undefined ? 'has not reported' : `is ${source.status?.phase ?? 'not Ready'}`;
    return { reason: 'NoCompatibleNode', message: `the GRIT agent of ${node} ${state}` };
  }
  const candidates = nodes.map((each) => ({ node: each, gritNode: gritNodeOf(each.metadata.name) }));
  const { compatible, excluded } = compatibleNodes(sourceOf(pod, source), candidates, { leaves: node });
  if (compatible.length > 0) return undefined;
  const others = excluded.filter((each) => each.node !== node);
  const message =
    others.length === 0 ? 'there is no other node' : `no other node can go on with it: ${describeExcluded(others)}`;
  return { reason: 'NoCompatibleNode', message };
}

function nameOf({ metadata }: Pod): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
