// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint, CheckpointStatus } from '../../api/checkpoint.js';
import { CHECKPOINT_PHASES } from '../../api/checkpoint.js';
import { CHECKPOINTS } from '../../api/kinds.js';
import { findCondition } from '../../kit/conditions.js';
import { applyStatus } from '../apply-status.js';
import type { ControlContext } from '../context.js';
import type { OwnStatus } from './draft.js';

/** Conditions that are news. */
const TOLD: readonly string[] = ['Stopped', 'ImageRetained'];
/** Reasons for waiting that somebody has to do something about. */
const TO_BE_MENDED: readonly string[] = ['EvictionRefused', 'NoNodeForStore', 'DiscardFailed'];

/** All but what the agent owns. */
export function ownStatusOf(status: CheckpointStatus | undefined): OwnStatus {
  const { report: _report, ...own } = status ?? {};
  return own;
}

/** Writes the controller's fields, if nobody has changed the object since it was looked at; and tells of it. */
export async function writeStatus(
  context: ControlContext,
  checkpoint: Checkpoint,
  status: CheckpointStatus,
  signal: AbortSignal,
): Promise<Checkpoint> {
  const { client, informers } = context;
  const own = ownStatusOf(status);
  const written = await applyStatus(client, informers.checkpoints, CHECKPOINTS, checkpoint, own, signal);
  tell(context, checkpoint, written);
  return written;
}

/** An event for each phase that was reached and each new obstacle, on the Checkpoint and on its pod. */
function tell({ events, informers }: ControlContext, before: Checkpoint, after: Checkpoint): void {
  const { namespace = '' } = after.metadata;
  const object: Checkpoint = { ...after, apiVersion: CHECKPOINTS.apiVersion, kind: CHECKPOINTS.kind };
  const pod = informers.pods.get({ namespace, name: after.status?.podName ?? '' });
  const isOurs = pod !== undefined && pod.metadata.uid === after.status?.podUID;
  const news = (after.status?.conditions ?? []).filter((condition) => {
    const old = findCondition(before.status?.conditions, condition.type);
    return condition.status === 'True' && (old?.status !== 'True' || old.reason !== condition.reason);
  });
  const lastPhase = CHECKPOINT_PHASES.findLast((phase) => news.some(({ type }) => type === phase));
  for (const condition of news) {
    const isPhase = (CHECKPOINT_PHASES as readonly string[]).includes(condition.type);
    // Of several phases at once the last one says it all: an event is a write.
    if (isPhase && condition.type !== lastPhase) continue;
    const bad = ['Failed', 'Aborting', 'Retrying'].includes(condition.type);
    // Waiting is state, not news, unless somebody has to do something about it.
    if (!isPhase && !bad && !TOLD.includes(condition.type) && !TO_BE_MENDED.includes(condition.reason)) continue;
    const type = bad || condition.type === 'Waiting' || condition.reason === 'StoreGone' ? 'Warning' : 'Normal';
    const reason = isPhase && !bad ? condition.type : condition.reason;
    events.event(object, type, reason, condition.message);
    if (isOurs && condition.type !== 'Created' && condition.type !== 'Pending') {
      events.event(
        { ...pod, apiVersion: 'v1', kind: 'Pod' },
        type,
        reason,
        `Checkpoint ${after.metadata.name}: ${condition.message}`,
      );
    }
  }
}
