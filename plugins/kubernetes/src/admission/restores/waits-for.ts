// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { Pod } from '../../api/core-kinds.js';
import { KEYS } from '../../api/group.js';
import type { RestoreSpec } from '../../api/restore.js';
import { ownerOf } from '../../pods/owner-of.js';

const ANY = 'any';

/** Value of the label by which the API server finds the Restores that a pod may take. */
export function waitsFor({ ownerRef, podName }: Pick<RestoreSpec, 'ownerRef' | 'podName'>): string {
  // A Deployment's UID stands in no pod.
  if (ownerRef?.uid !== undefined && ownerRef.kind !== 'Deployment') return ofOwner(ownerRef.uid);
  return podName === undefined ? ANY : ofName(podName);
}

/** Label selector for the Restores that a pod may take; which of them it takes is decided by `matches`. */
export function waitingFor(pod: Pick<Pod, 'metadata'>): string {
  const owner = ownerOf(pod);
  const values = [ANY, ...(owner === undefined ? [] : [ofOwner(owner.uid)])];
  if (pod.metadata.name !== '') values.push(ofName(pod.metadata.name));
  return `${KEYS.waitsFor} in (${values.join(',')})`;
}

function ofOwner(uid: string): string {
  return /^[A-Za-z0-9-]{1,50}$/.test(uid) ? `owner-${uid}` : ANY;
}

/** Names of pods may be longer than values of labels. */
function ofName(name: string): string {
  return `name-${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}
