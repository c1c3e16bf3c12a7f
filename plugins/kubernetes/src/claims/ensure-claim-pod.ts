// SPDX-License-Identifier: Apache-2.0
import { CLAIMS, EVENTS, PODS, type Pod } from '../api/core-kinds.js';
import type { ControlContext } from '../controllers/context.js';
import { KubeError } from '../kit/kube-error.js';
import { claimPodNameOf, claimPodOf, type ClaimOwner } from './claim-pod.js';
import { accessOf, whyClaimUnusable, type ClaimAccess } from './claim-state.js';

/** A pod that is not ready after so long has a reason, and its events may have it. */
const ASK_WHY_MS = 5_000;

type Context = Pick<ControlContext, 'client' | 'informers' | 'settings' | 'clock'>;

/** Makes a claim reachable on a node through a pod that mounts it; called again until it is. */
export async function ensureClaimPod(
  context: Context,
  owner: ClaimOwner,
  node: string,
  claimName: string,
  signal: AbortSignal,
): Promise<ClaimAccess> {
  const { client, informers, settings } = context;
  const namespace = owner.object.metadata.namespace ?? '';
  const ref = { namespace, name: claimPodNameOf(owner.object) };
  const claim =
    informers.claims.get({ namespace, name: claimName }) ??
    (await client.find(CLAIMS, { namespace, name: claimName }, signal));
  const users = informers.pods.by('claim', `${namespace}/${claimName}`);
  const obstacle = whyClaimUnusable(claimName, claim, node, users, ref.name);
  const present = informers.pods.get(ref);
  if (present !== undefined && isWrong(present, node)) {
    if (present.metadata.deletionTimestamp === undefined)
      await client.delete(PODS, ref, { uid: present.metadata.uid }, signal);
    return { waiting: `claim pod ${ref.name} of an earlier try has to go first` };
  }
  if (obstacle !== undefined) return obstacle;
  if (present !== undefined) return accessOf(present, claimName, await warningsOf(context, present, signal));
  try {
    const pod = claimPodOf(owner, node, claimName, settings.claimPod);
    informers.pods.stored(await client.create(PODS, pod, {}, signal));
  } catch (error) {
    if (!(error instanceof KubeError) || error.isUnavailable || error.isConflict) throw error;
    if (!error.isAlreadyExists) {
      return {
        failed: `the API server refuses claim pod ${ref.name}: ${error.message}. Quotas and admission policies of the namespace have to allow it.`,
      };
    }
  }
  return { waiting: `claim pod ${ref.name} is being started on node ${node}` };
}

/** Lets go of the claim. Nothing happens when there is no claim pod. */
export async function dropClaimPod(
  { client, informers }: Pick<ControlContext, 'client' | 'informers'>,
  owner: ClaimOwner['object'],
  signal: AbortSignal,
): Promise<void> {
  const ref = { namespace: owner.metadata.namespace ?? '', name: claimPodNameOf(owner) };
  const pod = informers.pods.get(ref);
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) return;
  await client.delete(PODS, ref, { uid: pod.metadata.uid }, signal);
}

/** Of another node, ended, or on its way out. */
function isWrong(pod: Pod, node: string): boolean {
  const ended = pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
  return pod.spec.nodeName !== node || ended || pod.metadata.deletionTimestamp !== undefined;
}

/** Messages of warnings about a pod that takes long. */
async function warningsOf({ client, clock }: Context, pod: Pod, signal: AbortSignal): Promise<readonly string[]> {
  const { namespace, uid = '', creationTimestamp } = pod.metadata;
  const age = clock().getTime() - Date.parse(creationTimestamp ?? '');
  if (pod.status?.phase === 'Running' || !(age > ASK_WHY_MS)) return [];
  const fieldSelector = `involvedObject.uid=${uid},type=Warning`;
  const { items } = await client.list(EVENTS, { namespace, fieldSelector, limit: 50 }, signal);
  const events = items as unknown as readonly { readonly message?: string; readonly lastTimestamp?: string }[];
  return events
    .toSorted((a, b) => (a.lastTimestamp ?? '').localeCompare(b.lastTimestamp ?? ''))
    .flatMap(({ message }) => message ?? []);
}
