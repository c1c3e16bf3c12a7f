// SPDX-License-Identifier: Apache-2.0
import { RESTORES } from '../../api/kinds.js';
import type { Restore } from '../../api/restore.js';
import { KubeError } from '../../kit/kube-error.js';
import type { ObjectRef } from '../../kit/kube-client.js';
import { isUnfinished, isWaiting } from '../../pods/is-waiting.js';
import type { AdmissionContext } from '../admission-context.js';

/**
 * - `reserved`: by this call.
 * - `taken`: another pod has it, or is about to.
 * - `over`: it waits for no pod.
 */
export type Reservation =
  | { readonly is: 'reserved'; readonly restore: Restore }
  | { readonly is: 'taken'; readonly restore: Restore }
  | { readonly is: 'over' };

/** Takes a Restore for a pod that is being created: by compare-and-set, so that of many pods exactly one gets it. */
export async function reserve(
  { client, informers, clock }: AdmissionContext,
  ref: ObjectRef,
  token: string,
  signal: AbortSignal,
): Promise<Reservation> {
  for (;;) {
    signal.throwIfAborted();
    const restore = await client.find(RESTORES, ref, signal);
    if (restore === undefined || !isUnfinished(restore)) return { is: 'over' };
    if (!isWaiting(restore)) return { is: 'taken', restore };
    const reservation = { token, at: clock().toISOString() };
    try {
      const reserved = { ...restore, status: { ...restore.status, reservation } };
      const stored = await client.replace(RESTORES, reserved, { subresource: 'status' }, signal);
      informers.restores.stored(stored);
      return { is: 'reserved', restore: stored };
    } catch (error) {
      // Somebody was faster, maybe with something else than a reservation.
      if (error instanceof KubeError && (error.isConflict || error.isNotFound)) continue;
      throw error;
    }
  }
}
