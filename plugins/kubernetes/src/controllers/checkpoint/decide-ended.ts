// SPDX-License-Identifier: Apache-2.0
import { FINALIZER } from '../../api/group.js';
import { milliseconds } from '../../api/duration.js';
import type { Decision, Draft } from './draft.js';

/** It has ended: what it held is let go, and after `ttl` it goes itself. */
export function decideEnded(draft: Draft): Decision {
  const { checkpoint, claimPod, image, restoring } = draft.facts;
  const kept = (checkpoint.metadata.finalizers ?? []).includes(FINALIZER);
  // Whoever deletes it would take the work from a pod that is to go on, or leave an image that nobody knows of any more.
  const keep = restoring || image.is === 'deleted';
  if (claimPod || (kept && !keep)) return draft.then({ do: 'let-go', keep });
  if (keep && !kept) return draft.then({ do: 'add-finalizer' });
  const { ttl } = checkpoint.spec;
  // A Restore needs it up to its end, and tells when that is.
  if (ttl === undefined || restoring) return draft.rest();
  const left = Date.parse(draft.status.finishedAt ?? '') + milliseconds(ttl, 0) - draft.now.getTime();
  return left <= 0 ? draft.then({ do: 'delete' }) : draft.rest(left);
}
