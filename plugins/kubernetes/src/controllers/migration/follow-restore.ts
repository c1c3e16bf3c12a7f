// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import type { Restore } from '../../api/restore.js';
import { defined } from '../../kit/defined.js';
import type { MigrationDecision } from './migration-decision.js';
import type { MigrationFacts } from './migration-facts.js';
import { statusIn } from './migration-status.js';
import { failed } from './returned.js';
import { waitOf } from '../../pods/wait-of.js';

/** The source is gone, the image is the truth: what becomes of it is up to the Restore. */
export function followRestore(facts: MigrationFacts, checkpoint: Checkpoint): MigrationDecision {
  const { restore, saved } = facts;
  const { restoreName } = checkpoint.status ?? {};
  if (restore === undefined) {
    const message = `Restore ${restoreName ?? ''} is gone. Checkpoint ${checkpoint.metadata.name} has the state of the pod: a Restore made of it, and then a new pod, go on from it`;
    return failed(facts, 'RestoreDeleted', message);
  }
  const { status = {} } = restore;
  const target = {
    checkpointName: checkpoint.metadata.name,
    restoreName: restore.metadata.name,
    ...defined({ targetPod: status.targetPod, targetNode: status.nodeName }),
  };
  if (status.phase === 'Restored') {
    const message = `pod ${status.targetPod ?? ''} goes on on node ${status.nodeName ?? ''}`;
    const timings = [...(checkpoint.status?.timings ?? []), ...(status.timings ?? [])].slice(0, 64);
    const changes = { ...target, progress: undefined, ...(timings.length === 0 ? {} : { timings }) };
    return {
      status: statusIn(facts, { phase: 'Succeeded', reason: 'Restored', message, changes }),
      move: { do: saved ? 'drop-manifest' : 'wait' },
    };
  }
  if (status.phase === 'ColdStarted' || status.phase === 'Failed') {
    const said = status.conditions?.find(({ type }) => type === status.phase);
    const message = `Restore ${restore.metadata.name} of Checkpoint ${checkpoint.metadata.name}: ${said?.message ?? status.error?.message ?? status.phase}`;
    const reason = status.phase === 'ColdStarted' ? 'ColdStarted' : (said?.reason ?? 'RestoreFailed');
    const decision = failed(facts, reason, message, status.error);
    return { ...decision, status: { ...decision.status, ...target } };
  }
  const waiting = waitOf(restore);
  return {
    status: statusIn(facts, {
      phase: 'Restoring',
      reason: waiting?.reason ?? 'Restoring',
      message: waiting?.message ?? `Restore ${restore.metadata.name} is ${status.phase ?? 'Created'}`,
      changes: { ...target, ...defined({ progress: status.progress }) },
    }),
    move: { do: saved && isFree(restore) ? 'make-replacement' : 'wait' },
  };
}

/** No pod has the Restore of a bare pod, nor is one being created: nobody but us makes one. */
function isFree({ status = {}, metadata }: Restore): boolean {
  return (
    metadata.deletionTimestamp === undefined && status.reservation === undefined && status.targetPodUID === undefined
  );
}
