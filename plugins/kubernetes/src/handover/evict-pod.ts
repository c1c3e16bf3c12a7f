// SPDX-License-Identifier: Apache-2.0
import type { ControlContext } from '../controllers/context.js';
import { KubeError } from '../kit/kube-error.js';

/** Whether the eviction was taken; if not, the words of whoever is against it. */
export type Eviction = { readonly taken: true } | { readonly refused: string; readonly againMs: number };

const AGAIN_MS = 5_000;
/** The pod is frozen: no signal reaches it, and each second of grace is one that nobody works. 0 would not wait for the kubelet. */
const GRACE_SECONDS = 1;

/**
 * Stops a pod the way that budgets and owners know: by the Eviction API, which marks it with DisruptionTarget so that a Job need not count a
 * failure. Only the very pod of this UID. Idempotent.
 */
export async function evictPod(
  { client }: Pick<ControlContext, 'client'>,
  pod: { readonly namespace: string; readonly name: string; readonly uid: string },
  signal: AbortSignal,
): Promise<Eviction> {
  try {
    await client.evict(pod, { gracePeriodSeconds: GRACE_SECONDS }, signal);
    return { taken: true };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    // Another pod of that name: this one is gone.
    if (error.isConflict) return { taken: true };
    if (!error.isTooManyRequests && !error.isForbidden && error.status !== 500) throw error;
    return { refused: error.message, againMs: Math.min(30_000, Math.max(AGAIN_MS, error.retryAfterMs ?? 0)) };
  }
}
