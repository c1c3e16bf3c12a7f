// SPDX-License-Identifier: Apache-2.0
import { KEYS } from '../api/group.js';
import type { Pod } from '../api/core-kinds.js';
import type { Restore } from '../api/restore.js';
import type { CheckpointSource } from '../api/source.js';
import { identityOf } from './identity-of.js';
import { matchesSelector } from './matches-selector.js';
import { ownerOf } from './owner-of.js';
import { podSpecHash } from './pod-spec-hash.js';

type WantedOwner = NonNullable<Restore['spec']['ownerRef']>;

/**
 * How a pod and a Restore that waits go together.
 *
 * - `taken`: this pod may take it.
 * - `changed`: the pod of the same owner and identity, but another spec: its replacement, would it not have been changed.
 * - `other`: nothing to do with each other.
 */
export type Match = 'taken' | 'changed' | 'other';

/** Whether this pod may take the Restore. `source` is that of the Restore's Checkpoint. */
export function matches(restore: Restore, pod: Pod, source?: Pick<CheckpointSource, 'identity'>): boolean {
  return matchOf(restore, pod, source) === 'taken';
}

/** As `matches`, and whether the pod would have been the one. */
export function matchOf(restore: Restore, pod: Pod, source?: Pick<CheckpointSource, 'identity'>): Match {
  const { ownerRef, selector, podName } = restore.spec;
  if (ownerRef === undefined && selector === undefined && podName === undefined) return 'other';
  if (podName !== undefined && pod.metadata.name !== podName) return 'other';
  if (selector !== undefined && !matchesSelector(selector, pod.metadata.labels)) return 'other';
  if (ownerRef === undefined) return 'taken';
  if (!isOwnedBy(pod, ownerRef)) return 'other';
  if (source?.identity !== undefined && identityOf(pod) !== source.identity) return 'other';
  const hash = restore.metadata.annotations?.[KEYS.podSpecHash];
  return hash === undefined || hash === podSpecHash(pod) ? 'taken' : 'changed';
}

function isOwnedBy(pod: Pod, wanted: WantedOwner): boolean {
  const owner = ownerOf(pod);
  if (owner === undefined) return false;
  if (wanted.kind === 'Deployment' && owner.kind === 'ReplicaSet') {
    // A Deployment owns ReplicaSets, which it names after the hash of the template.
    return owner.name === `${wanted.name}-${pod.metadata.labels?.['pod-template-hash'] ?? ''}`;
  }
  if (owner.kind !== wanted.kind || owner.name !== wanted.name) return false;
  return wanted.uid === undefined ? groupOf(owner.apiVersion) === groupOf(wanted.apiVersion) : owner.uid === wanted.uid;
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}
