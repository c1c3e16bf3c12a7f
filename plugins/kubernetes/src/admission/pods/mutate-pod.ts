// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import type { Pod } from '../../api/core-kinds.js';
import { KEYS } from '../../api/group.js';
import { RESTORES } from '../../api/kinds.js';
import type { Restore } from '../../api/restore.js';
import { isClaimPod, isMirrorPod } from '../../pods/pod-state.js';
import type { AdmissionContext } from '../admission-context.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';
import type { AdmissionHandler, Admitted } from '../server/admission-review.js';
import { placementFor } from './placement-for.js';
import { podOf } from './pod-of.js';
import { dryRunPatch, podPatch } from './pod-patch.js';
import { takeRestore } from './take-restore.js';

/** Value of the annotation `admitted` by which a dry run asks whether the admission is in force; the answer is a refusal. */
export const PROBE = 'probe';
/** What that refusal says. */
export const IN_FORCE = 'the admission of GRIT is in force';

/** Only we write these on pods. */
const OURS = [KEYS.reservation, KEYS.restoreName, KEYS.checkpoint] as const;

/** Lets a new pod go on from a checkpoint if a Restore waits for it. */
export function mutatePod(context: AdmissionContext): AdmissionHandler {
  return async (request, signal) => {
    const { namespace, dryRun } = request;
    const pod = podOf(request.object, namespace);
    if (request.operation !== 'CREATE' || isClaimPod(pod) || isMirrorPod(pod)) return {};
    if (dryRun && pod.metadata.annotations?.[KEYS.admitted] === PROBE)
      throw new AdmissionRefusal('', IN_FORCE, 'Forbidden');
    const marks = OURS.filter((key) => pod.metadata.annotations?.[key] !== undefined);
    if (marks.length > 0) return seenBefore(context, pod, marks, signal);
    // A dry run changes nothing, so it cannot take a Restore.
    if (dryRun) return { patch: dryRunPatch(pod) };
    const token = randomUUID();
    const restore = await takeRestore(context, pod, token, signal);
    return restore === undefined ? {} : changed(context, pod, restore, token, signal);
  };
}

/** Other webhooks may change a pod after us; then the API server asks again, and the pod has its reservation. */
async function seenBefore(
  context: AdmissionContext,
  pod: Pod,
  marks: readonly string[],
  signal: AbortSignal,
): Promise<Admitted> {
  const { [KEYS.restoreName]: name = '', [KEYS.reservation]: token = '' } = pod.metadata.annotations ?? {};
  if (name !== '' && token !== '') {
    const restore = await context.client.find(RESTORES, { namespace: pod.metadata.namespace ?? '', name }, signal);
    const { reservation, targetPodUID } = restore?.status ?? {};
    if (restore !== undefined && reservation?.token === token && targetPodUID === undefined) {
      return changed(context, pod, restore, token, signal);
    }
  }
  throw new AdmissionRefusal(
    `metadata.annotations[${marks[0] ?? ''}]`,
    `only GRIT may set it. Remove ${marks.join(', ')} from the pod (or from the template of its owner); a Restore finds its pod by ownerRef, selector or podName`,
    'Forbidden',
  );
}

async function changed(
  context: AdmissionContext,
  pod: Pod,
  restore: Restore,
  reservation: string,
  signal: AbortSignal,
): Promise<Admitted> {
  const { hosts, tolerations } = await placementFor(context, pod, restore, signal);
  const { runtimeClassName } = context.settings;
  const restoreName = restore.metadata.name;
  return { patch: podPatch(pod, { restoreName, reservation, runtimeClassName, hosts, tolerations }) };
}
