// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import type { Restore } from '../../api/restore.js';
import { isWaiting } from '../../pods/is-waiting.js';
import type { AdmissionContext } from '../admission-context.js';
import { hasLivePod } from '../restores/has-live-pod.js';
import { matchRestore } from '../restores/match-restore.js';
import { reserve } from '../restores/reserve.js';
import { knownRestores, restoresFor } from '../restores/restores-for.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';
import { placementFor } from './placement-for.js';

/**
 * The Restore that this pod takes: the oldest that waits for one like it. Undefined when none does. While a Restore is between two pods (the first one's
 * creation is not confirmed, or it died before it was restored) another pod like it is refused rather than let through: it may be the one, and would start
 * fresh. Its owner tries again.
 */
export async function takeRestore(
  context: AdmissionContext,
  pod: Pod,
  token: string,
  signal: AbortSignal,
): Promise<Restore | undefined> {
  const known = knownRestores(context, pod.metadata.namespace ?? '');
  const first = await takeOneOf(known, context, pod, token, signal);
  if (first.reserved !== undefined) return first.reserved;
  // Before a pod is let through, the API server itself is asked: a cache may be behind.
  const tried = new Set(known.map(({ metadata }) => metadata.uid));
  const others = (await restoresFor(context, pod, signal)).filter(({ metadata }) => !tried.has(metadata.uid));
  const second = await takeOneOf(others, context, pod, token, signal);
  if (second.reserved !== undefined) return second.reserved;
  for (const restore of [...first.taken, ...second.taken]) {
    if (!(await hasLivePod(context, restore, signal))) throw betweenPods(restore);
  }
  return undefined;
}

async function takeOneOf(
  restores: readonly Restore[],
  context: AdmissionContext,
  pod: Pod,
  token: string,
  signal: AbortSignal,
): Promise<{ readonly reserved?: Restore; readonly taken: readonly Restore[] }> {
  const taken: Restore[] = [];
  for (const restore of restores) {
    if ((await matchRestore(context, pod, restore, signal)) !== 'taken') continue;
    // Before it is reserved: a pod that is refused must not keep it from others.
    if (isWaiting(restore)) await placementFor(context, pod, restore, signal);
    const { namespace = '', name } = restore.metadata;
    const answer = await reserve(context, { namespace, name }, token, signal);
    if (answer.is === 'reserved') return { reserved: answer.restore, taken };
    if (answer.is === 'taken') taken.push(answer.restore);
  }
  return { taken };
}

function betweenPods({ metadata, status }: Restore): AdmissionRefusal {
  const { targetPod } = status ?? {};
  const holder =
    targetPod === undefined ? 'a pod whose creation is not confirmed yet' : `pod ${targetPod}, which ended`;
  return new AdmissionRefusal(
    '',
    `Restore ${metadata.name} waits for a pod like this one and is still tied to ${holder}; create the pod again in some seconds (its owner does)`,
    'Conflict',
  );
}
