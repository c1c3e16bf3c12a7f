// SPDX-License-Identifier: Apache-2.0
import { KEYS } from '../../api/group.js';
import type { Restore } from '../../api/restore.js';
import { isOfMove } from '../../pods/is-of-move.js';
import { isWaiting } from '../../pods/is-waiting.js';
import { isClaimPod, isMirrorPod } from '../../pods/pod-state.js';
import type { AdmissionContext } from '../admission-context.js';
import { hasLivePod } from '../restores/has-live-pod.js';
import { matchRestore } from '../restores/match-restore.js';
import { knownRestores } from '../restores/restores-for.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';
import type { AdmissionHandler } from '../server/admission-review.js';
import { podOf } from './pod-of.js';

/**
 * Looks at new pods once more, when everybody has changed them: one that goes on from a checkpoint must not start fresh because of a change. Only Restores
 * that we made ourselves hold up a pod whose spec is another; its source was stopped for the sake of this pod.
 */
export function checkPod(context: AdmissionContext): AdmissionHandler {
  return async ({ operation, namespace, dryRun, object }, signal) => {
    const pod = podOf(object, namespace);
    if (operation !== 'CREATE' || dryRun || isClaimPod(pod) || isMirrorPod(pod)) return {};
    if (pod.metadata.annotations?.[KEYS.reservation] !== undefined) return {};
    for (const restore of knownRestores(context, namespace)) {
      const match = await matchRestore(context, pod, restore, signal);
      if (match === 'other') continue;
      if (match === 'taken' && isWaiting(restore)) throw refusal(restore, 'was not seen in time; create the pod again');
      if (match === 'changed' && isOfMove(restore) && !(await hasLivePod(context, restore, signal))) {
        throw refusal(
          restore,
          'waits for the pod that its owner makes anew, but the spec of this one is not that of the pod that was checkpointed: take back the change of the template, or delete the Restore to let pods start fresh',
        );
      }
    }
    return {};
  };
}

function refusal({ metadata }: Restore, problem: string): AdmissionRefusal {
  return new AdmissionRefusal('', `Restore ${metadata.name} ${problem}`, 'Conflict');
}
