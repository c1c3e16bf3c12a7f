// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import { KEYS } from '../../api/group.js';
import type { Restore } from '../../api/restore.js';
import type { AdmissionContext } from '../admission-context.js';
import type { AdmissionHandler, PatchStep } from '../server/admission-review.js';
import { checkpointOf } from './source-of.js';
import { waitsFor } from './waits-for.js';

/** Fills in, from the Checkpoint, which pod takes the Restore. */
export function defaultRestore(context: AdmissionContext): AdmissionHandler {
  return async ({ operation, namespace, object }, signal) => {
    if (operation !== 'CREATE') return {};
    const restore = object as Restore;
    return { patch: restoreDefaults(restore, await checkpointOf(context, restore, namespace, signal)) };
  };
}

/**
 * What is missing in a Restore: the hash of the pod's spec, the pod's owner (its name when it has none) unless something chooses the pod already, and the
 * label by which a pod finds it.
 */
function restoreDefaults(restore: Restore, checkpoint: Checkpoint | undefined): PatchStep[] {
  const { metadata, spec } = restore;
  const hash = metadata.annotations?.[KEYS.podSpecHash] ?? checkpoint?.status?.podSpecHash;
  const chosen = choiceOf(spec, checkpoint);
  const labels = { ...metadata.labels, [KEYS.waitsFor]: waitsFor({ ...spec, ...chosen }) };
  const steps: PatchStep[] = [{ op: 'add', path: '/metadata/labels', value: labels }];
  if (hash !== undefined) {
    const annotations = { ...metadata.annotations, [KEYS.podSpecHash]: hash };
    steps.push({ op: 'add', path: '/metadata/annotations', value: annotations });
  }
  for (const [field, value] of Object.entries(chosen)) steps.push({ op: 'add', path: `/spec/${field}`, value });
  return steps;
}

/** Which pod takes the Restore when it does not say so. */
function choiceOf(
  { ownerRef, selector, podName }: Restore['spec'],
  checkpoint: Checkpoint | undefined,
): Pick<Restore['spec'], 'ownerRef' | 'podName'> {
  if (ownerRef !== undefined || selector !== undefined || podName !== undefined) return {};
  const owner = checkpoint?.status?.source?.owner;
  if (owner !== undefined) return { ownerRef: owner };
  const name = checkpoint?.status?.podName ?? checkpoint?.spec.podName;
  return name === undefined ? {} : { podName: name };
}
