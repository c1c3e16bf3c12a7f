// SPDX-License-Identifier: Apache-2.0
import { RESTORES } from '../../api/kinds.js';
import type { ClaimAccess } from '../../claims/claim-state.js';
import { ensureClaimPod } from '../../claims/ensure-claim-pod.js';
import type { ControlContext } from '../context.js';
import type { RestoreFacts } from './restore-facts.js';
import { checkpointRefOf } from '../../pods/checkpoint-ref.js';

/** Makes the claim of the Checkpoint reachable on the node of the pod. */
export async function reachClaim(
  context: ControlContext,
  { restore, checkpoint }: RestoreFacts,
  node: string,
  signal: AbortSignal,
): Promise<ClaimAccess | undefined> {
  const claimName = checkpoint.is === 'usable' ? checkpoint.checkpoint.spec.volumeClaim?.claimName : undefined;
  if (claimName === undefined) return undefined;
  const { namespace, name } = checkpointRefOf(restore);
  if (namespace !== restore.metadata.namespace) {
    return {
      failed: `Checkpoint ${name} is stored in a claim of namespace ${namespace}, which no pod of this namespace can mount. Make the Restore there, or use Checkpoints with spec.storage.`,
    };
  }
  return ensureClaimPod(context, { type: RESTORES, object: restore }, node, claimName, signal);
}
