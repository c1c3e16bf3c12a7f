// SPDX-License-Identifier: Apache-2.0
import { API_VERSION, FINALIZER, KEYS } from '../../api/group.js';
import type { OwnerReference } from '../../api/metadata.js';
import { RESTORES } from '../../api/kinds.js';
import type { Restore } from '../../api/restore.js';
import { dropClaimPod } from '../../claims/ensure-claim-pod.js';
import { refTo } from '../../kit/keys.js';
import { applyStatus } from '../apply-status.js';
import type { ControlContext } from '../context.js';
import { PROGRESS_MS, statusChange } from '../status-change.js';
import type { RestoreDecision } from './restore-decision.js';
import { ownStatusOf } from './restore-status.js';

/** What became of a decision. */
export interface CarriedOut {
  readonly restore: Restore;
  /** When the status was written last, by performance.now(). */
  readonly writtenAt: number;
  readonly lookAgainMs?: number;
}

/** Does what was decided. Every write says what it stands on: when the Restore has changed meanwhile it is refused, and decided anew. */
export async function carryOut(
  context: ControlContext,
  before: Restore,
  decision: RestoreDecision,
  writtenAt: number,
  signal: AbortSignal,
): Promise<CarriedOut> {
  let restore = before;
  if (decision.finalizer && !hasFinalizer(restore)) restore = await mark(context, restore, decision, true, signal);
  const due = writtenAt + PROGRESS_MS - performance.now();
  const changed = statusChange(ownStatusOf(restore.status), decision.status);
  const writes = changed === 'much' || (changed === 'progress' && due <= 0);
  if (writes) {
    restore = await applyStatus(context.client, context.informers.restores, RESTORES, restore, decision.status, signal);
  }
  if (decision.dropReservation === true && restore.status?.reservation !== undefined) {
    restore = await dropReservation(context, restore, signal);
  }
  if (decision.cancel !== undefined) await context.dispatcher.cancel(decision.cancel, 'the pod is gone', signal);
  if (decision.claimOn === undefined) await dropClaimPod(context, restore, signal);
  const marked = hasFinalizer(restore) === decision.finalizer && isSelected(restore) === decision.podSelected;
  if (!marked || ownersToBe(restore) !== undefined) {
    restore = await mark(context, restore, decision, decision.finalizer, signal);
  }
  for (const { on, type, reason, message } of decision.notices) {
    const about = on === 'pod' ? podOf(context, restore) : restore;
    if (about !== undefined) context.events.event(about, type, reason, message);
  }
  return {
    restore,
    writtenAt: writes ? performance.now() : writtenAt,
    ...(changed === 'progress' && due > 0 ? { lookAgainMs: due } : {}),
  };
}

/** The admission wrote it, so it cannot be taken away by leaving it out. */
async function dropReservation(context: ControlContext, restore: Restore, signal: AbortSignal): Promise<Restore> {
  const { resourceVersion } = restore.metadata;
  const body = { metadata: { resourceVersion }, status: { reservation: null } };
  const how = { subresource: 'status' } as const;
  return stored(context, await context.client.patch(RESTORES, refTo(restore), body, how, signal));
}

/** Finalizer, and the prototype's mark. */
async function mark(
  context: ControlContext,
  restore: Restore,
  { podSelected }: RestoreDecision,
  finalizer: boolean,
  signal: AbortSignal,
): Promise<Restore> {
  const { resourceVersion, finalizers = [] } = restore.metadata;
  const others = finalizers.filter((name) => name !== FINALIZER);
  const ownerReferences = ownersToBe(restore);
  const body = {
    metadata: {
      resourceVersion,
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      finalizers: finalizer ? [...others, FINALIZER] : others,
      annotations: { [KEYS.podSelected]: podSelected ? 'true' : null },
    },
  };
  return stored(context, await context.client.patch(RESTORES, refTo(restore), body, {}, signal));
}

/** With the Checkpoint of the move, once the pod goes on: then the Restore is of no more use than the Checkpoint is. Undefined: as they are. */
function ownersToBe({ metadata, spec, status = {} }: Restore): readonly OwnerReference[] | undefined {
  const uid = metadata.annotations?.[KEYS.checkpointUid];
  const { ownerReferences = [] } = metadata;
  const ended = status.phase === 'Restored' || status.phase === 'ColdStarted';
  if (!ended || uid === undefined || ownerReferences.some((owner) => owner.uid === uid)) return undefined;
  return [...ownerReferences, { apiVersion: API_VERSION, kind: 'Checkpoint', name: spec.checkpointName, uid }];
}

function stored(context: ControlContext, restore: Restore): Restore {
  context.informers.restores.stored(restore);
  return restore;
}

function podOf({ informers }: ControlContext, { metadata, status }: Restore) {
  const name = status?.targetPod;
  return name === undefined ? undefined : informers.pods.get({ namespace: metadata.namespace ?? '', name });
}

function hasFinalizer({ metadata }: Restore): boolean {
  return (metadata.finalizers ?? []).includes(FINALIZER);
}

function isSelected({ metadata }: Restore): boolean {
  return metadata.annotations?.[KEYS.podSelected] === 'true';
}
