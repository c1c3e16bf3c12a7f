// SPDX-License-Identifier: Apache-2.0
import { KEYS } from '../../api/group.js';
import type { LabelSelector } from '../../api/selector.js';
import type { Restore } from '../../api/restore.js';

/** For which pod a Restore waits, in words: `a pod of Job train whose spec has the hash 1-ab12`. */
export function describeWanted(restore: Restore): string {
  const { ownerRef, selector, podName } = restore.spec;
  const hash = restore.metadata.annotations?.[KEYS.podSpecHash];
  const parts = [
    ...(ownerRef === undefined ? [] : [`of ${ownerRef.kind} ${ownerRef.name}`]),
    ...(podName === undefined ? [] : [`of the name ${podName}`]),
    ...(selector === undefined ? [] : [`with the labels ${describeSelector(selector)}`]),
    ...(ownerRef === undefined || hash === undefined ? [] : [`whose spec has the hash ${hash}`]),
  ];
  return parts.length === 0 ? 'no pod: none of ownerRef, selector and podName is set' : `a pod ${parts.join(' ')}`;
}

/** A selector as `kubectl get -l` takes it. */
export function describeSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector): string {
  const labels = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  const expressions = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === 'Exists') return key;
    if (operator === 'DoesNotExist') return `!${key}`;
    return `${key} ${operator === 'In' ? 'in' : 'notin'} (${values.join(',')})`;
  });
  return [...labels, ...expressions].join(',');
}
