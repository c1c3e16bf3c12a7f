// SPDX-License-Identifier: Apache-2.0
import { KEYS } from '../../api/group.js';
import type { Pod } from '../../api/core-kinds.js';
import type { PatchStep } from '../server/admission-review.js';
import { rememberPlacement } from '../../pods/author-placement.js';
import { onlyOnHosts } from './only-on-hosts.js';

type Toleration = Readonly<Record<string, unknown>>;

/** What a pod is given to go on from a checkpoint. */
export interface PodChanges {
  readonly restoreName: string;
  readonly reservation: string;
  readonly runtimeClassName: string;
  /** Values of the label kubernetes.io/hostname of the compatible nodes. */
  readonly hosts: readonly string[];
  /** Those of the source. */
  readonly tolerations: readonly Toleration[];
}

/** Makes the pod one that goes on from a checkpoint. Empty when it is that already. */
export function podPatch(pod: Pod, changes: PodChanges): PatchStep[] {
  const { spec } = pod;
  const marked = {
    ...pod.metadata.annotations,
    [KEYS.restoreName]: changes.restoreName,
    [KEYS.reservation]: changes.reservation,
    [KEYS.authorPlacement]: rememberPlacement(pod),
  };
  const missing = missingTolerations(spec.tolerations ?? [], changes.tolerations);
  const steps: PatchStep[] = [
    { op: 'add', path: '/metadata/annotations', value: marked },
    { op: 'add', path: '/spec/runtimeClassName', value: changes.runtimeClassName },
    { op: 'add', path: '/spec/affinity', value: onlyOnHosts(spec.affinity, changes.hosts) },
  ];
  if (missing.length > 0) {
    steps.push({ op: 'add', path: '/spec/tolerations', value: [...(spec.tolerations ?? []), ...missing] });
  }
  if (spec.runtimeClassName !== changes.runtimeClassName && spec['overhead'] !== undefined) {
    // It is the other RuntimeClass's, and would be refused beside ours.
    steps.push({ op: 'remove', path: '/spec/overhead' });
  }
  return steps;
}

/** Marks a pod that is only tried out: the proof that the admission is in force. */
export function dryRunPatch(pod: Pod): PatchStep[] {
  return [
    { op: 'add', path: '/metadata/annotations', value: { ...pod.metadata.annotations, [KEYS.admitted]: 'true' } },
  ];
}

function missingTolerations(present: readonly Toleration[], wanted: readonly Toleration[]): Toleration[] {
  const known = new Set(present.map(textOf));
  return wanted.filter((toleration) => !known.has(textOf(toleration)));
}

function textOf(toleration: Toleration): string {
  return JSON.stringify(Object.entries(toleration).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
