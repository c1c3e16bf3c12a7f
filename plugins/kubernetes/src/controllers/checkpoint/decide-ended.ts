// SPDX-License-Identifier: Apache-2.0
import { FINALIZER } from '../../api/group.js';
import { milliseconds } from '../duration.js';
import type { Decision, Draft } from './draft.js';

/** It has ended: what it held is let go, and after `ttl` it goes itself. */
export function decideEnded(draft: Draft): Decision {
  const { checkpoint, claimPod, restoring } = draft.facts;
  const kept = (checkpoint.metadata.finalizers ?? []).includes(FINALIZER);
  if (claimPod || (kept && !restoring)) return draft.then({ do: 'let-go', keep: restoring });
  // Whoever deletes it would take the work from a pod that is to go on.
  if (restoring && !kept) return draft.then({ do: 'add-finalizer' });
  const { ttl } = checkpoint.spec;
  // A Restore needs it up to its end, and tells when that is.
  if (ttl === undefined || restoring) return draft.rest();
  const left = Date.parse(draft.status.finishedAt ?? '') + milliseconds(ttl, 0) - draft.now.getTime();
  return left <= 0 ? draft.then({ do: 'delete' }) : draft.rest(left);
}
