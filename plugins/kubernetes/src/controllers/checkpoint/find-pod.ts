// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import type { Pod } from '../../api/core-kinds.js';
import { matchesSelector } from '../../pods/matches-selector.js';
import { isClaimPod, isTerminal, isTerminating } from '../../pods/pod-state.js';
import { selectorText } from '../../pods/selector-text.js';
import type { Informers } from '../informers.js';
import type { PodFact } from './facts.js';

/** The pod of a Checkpoint, as the caches know it. */
export function findPod({ pods }: Pick<Informers, 'pods'>, { metadata, spec, status }: Checkpoint): PodFact {
  const namespace = metadata.namespace ?? '';
  const { podUID: uid } = status ?? {};
  if (uid !== undefined) {
    const pod = pods.get({ namespace, name: status?.podName ?? spec.podName ?? '' });
    if (pod?.metadata.uid === uid) return { is: 'found', pod };
    return pod === undefined ? { is: 'gone' } : { is: 'gone', successor: pod.metadata.uid };
  }
  if (spec.selector === undefined) {
    const pod = pods.get({ namespace, name: spec.podName ?? '' });
    if (pod !== undefined) return { is: 'found', pod };
    return {
      is: 'none',
      reason: 'PodNotFound',
      message: `spec.podName: there is no pod ${spec.podName ?? ''} in namespace ${namespace}.`,
    };
  }
  const { selector } = spec;
  const found = pods
    .by('namespace', namespace)
    .filter((pod) => isEligible(pod) && matchesSelector(selector, pod.metadata.labels));
  const [pod] = found;
  if (pod !== undefined && found.length === 1) return { is: 'found', pod };
  const names = found.map((one) => one.metadata.name).sort();
  return {
    is: 'none',
    reason: pod === undefined ? 'PodNotFound' : 'SeveralPods',
    message:
      pod === undefined
        ? `spec.selector: no pod that runs in namespace ${namespace} has ${selectorText(selector)}.`
        : `spec.selector chooses ${found.length} pods (${names.slice(0, 5).join(', ')}); a Checkpoint is of one. Name it in spec.podName.`,
  };
}

function isEligible(pod: Pod): boolean {
  return !isClaimPod(pod) && !isTerminal(pod) && !isTerminating(pod);
}
