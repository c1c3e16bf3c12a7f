// SPDX-License-Identifier: Apache-2.0
import type { KubeNode, NodeSelector, Pod } from '../api/core-kinds.js';
import { authorSpec } from '../pods/author-placement.js';
import { choosesNode, nodeSelectorText } from './node-selector.js';

/** A volume of the pod that only some nodes have. */
export interface TiedVolume {
  /** Name of the claim. */
  readonly claim: string;
  /** `spec.nodeAffinity.required` of its PersistentVolume. */
  readonly nodes: NodeSelector;
}

/** A toleration or a taint, as far as they are compared. */
interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

type Taint = NonNullable<NonNullable<KubeNode['spec']>['taints']>[number];

/** Said of the node itself, or over in a moment. */
const OF_STATE = ['node.kubernetes.io/unschedulable', 'node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/**
 * Why the scheduler would not put the successor of a pod on a node; a sentence each. What the author of the pod wrote counts, not where an earlier
 * restore has put it; tolerations are handed on from pod to pod.
 */
export function podReasons(pod: Pod, node: KubeNode): readonly string[] {
  const { nodeSelector = {}, affinity } = authorSpec(pod);
  const { labels = {} } = node.metadata;
  const reasons: string[] = [];
  for (const [key, value] of Object.entries(nodeSelector)) {
    if (labels[key] !== value) reasons.push(`the nodeSelector of the pod asks for ${key}=${value}`);
  }
  const required = requiredOf(affinity);
  if (required !== undefined && !choosesNode(required, node)) {
    reasons.push(`the node affinity of the pod asks for ${nodeSelectorText(required)}`);
  }
  const tolerations = (pod.spec.tolerations ?? []) as readonly Toleration[];
  for (const taint of node.spec?.taints ?? []) {
    const keepsOut = taint.effect === 'NoSchedule' || taint.effect === 'NoExecute';
    if (!keepsOut || OF_STATE.includes(taint.key) || tolerations.some((one) => tolerates(one, taint))) continue;
    reasons.push(`the pod does not tolerate the taint ${taintText(taint)}`);
  }
  return reasons;
}

/** Why the volumes of a pod cannot be mounted on a node; a sentence each. */
export function volumeReasons(volumes: readonly TiedVolume[], node: KubeNode): readonly string[] {
  return volumes
    .filter(({ nodes }) => !choosesNode(nodes, node))
    .map(({ claim, nodes }) => `the volume of PersistentVolumeClaim ${claim} is only where ${nodeSelectorText(nodes)}`);
}

/** `requiredDuringSchedulingIgnoredDuringExecution` of the node affinity. */
function requiredOf(affinity: Readonly<Record<string, unknown>> | undefined): NodeSelector | undefined {
  const nodeAffinity = affinity?.['nodeAffinity'] as { readonly [REQUIRED]?: NodeSelector } | undefined;
  return nodeAffinity?.[REQUIRED];
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

function tolerates({ key = '', operator = 'Equal', value = '', effect = '' }: Toleration, taint: Taint): boolean {
  if (effect !== '' && effect !== taint.effect) return false;
  if (key === '') return operator === 'Exists';
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''));
}

function taintText({ key, value, effect }: Taint): string {
  return value === undefined || value === '' ? `${key}:${effect}` : `${key}=${value}:${effect}`;
}
