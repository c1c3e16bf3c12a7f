// SPDX-License-Identifier: Apache-2.0
import type { StepReport } from '../../api/step.js';
import { isTerminal, isTerminating } from '../../pods/pod-state.js';
import { milliseconds } from '../../api/duration.js';
import { undo } from './decide-undo.js';
import type { Decision, Draft } from './draft.js';
import { podEnd } from './pod-end.js';
import { statusError } from './status-error.js';

/** Default of `timeouts.stop`. */
const STOP_MS = 600_000;
/** The cache shows an eviction that was taken within moments. */
const EVICTED_MS = 5_000;
/** A cache that lacks what the API server has shows it so soon. */
const BEHIND_MS = 1_000;

/** The image is durable. What was only wanted for it ends here; else the pod is frozen, and is stopped now. */
export function decideHandover(draft: Draft, report: StepReport): Decision {
  const { image } = report;
  if (image === undefined) {
    return undo(draft, statusError('GRIT_INTERNAL', 'the agent of the node reported success without an image.', true));
  }
  // A quick agent is done before anybody has seen it at work.
  draft.reach('Checkpointing', `the agent of node ${draft.status.step?.node ?? ''} dumped the pod`);
  draft.reach('Checkpointed', `image ${image.id} is stored and was verified`);
  draft.set({
    image,
    dataPath: image.id,
    startedAt: draft.status.startedAt ?? report.startedAt,
    ...(report.timings === undefined ? {} : { timings: report.timings }),
    ...(report.progress === undefined ? {} : { progress: report.progress }),
  });
  if (draft.status.step?.hold !== true) return draft.finish();
  if (report.held !== true) {
    return undo(draft, statusError('GRIT_HOLD_NOT_FOUND', 'the pod did not stay frozen after the dump.', true));
  }
  return draft.has('Submitting') ? decideStop(draft) : decideBeforeStop(draft);
}

/** Before the pod may be stopped, whoever comes after it must be caught. */
function decideBeforeStop(draft: Draft): Decision {
  const { pod, restore, inForce, restoreDropped } = draft.facts;
  const migrates = draft.checkpoint.spec.autoMigration === true;
  if (restoreDropped === false) return handOver(draft);
  if (wasReplacedTooEarly(draft)) {
    const end = podEnd(draft.facts);
    if (end === 'unsure') return draft.then({ do: 'confirm-gone' });
    // A cache that is behind: it will be told.
    if (end === undefined && pod.is !== 'found') return draft.rest(BEHIND_MS);
    const name = draft.status.podName ?? '';
    const message =
      `pod ${name} was deleted by somebody else before its successor could be caught. The image is good: ` +
      `make a Restore of this Checkpoint and delete the new pod.`;
    // An earlier round may have made the Restore: then it is what the successor gets.
    if (migrates && restoreDropped === undefined) return draft.then({ do: 'drop-restore' });
    draft.set({ restoreName: undefined });
    draft.mark('Submitted', 'False', 'PodGone', message);
    return draft.finish();
  }
  if (stopLeft(draft) <= 0) return giveUp(draft);
  if (migrates) {
    if (restore === undefined) return draft.then({ do: 'make-restore' });
    if ('waiting' in restore) return draft.wait(restore.waiting, restore.againMs);
    draft.set({ restoreName: restore.name });
    if (inForce === undefined) return draft.then({ do: 'prove-admission' });
    if ('waiting' in inForce) return draft.wait(inForce.waiting, inForce.againMs);
    draft.reach('Submitting', `Restore ${restore.name} waits for the successor; the pod is evicted`);
  } else {
    const { phase } = draft.status;
    draft.reach('Submitting', 'the pod is evicted');
    // Without a successor the seed's word for the end is Checkpointed.
    draft.set({ phase });
  }
  return decideStop(draft);
}

/** Evicts, and waits until the pod is no more. */
function decideStop(draft: Draft): Decision {
  const { pod, eviction } = draft.facts;
  const migrates = draft.checkpoint.spec.autoMigration === true;
  if (migrates) draft.set({ phase: 'Submitting' });
  const end = podEnd(draft.facts);
  if (end === 'unsure') return draft.then({ do: 'confirm-gone' });
  if (end !== undefined) {
    if (migrates) draft.reach('Submitted', `pod ${draft.status.podName ?? ''} is gone; its successor goes on`);
    else draft.mark('Stopped', 'True', 'Evicted', `pod ${draft.status.podName ?? ''} is gone`);
    return draft.finish();
  }
  if (pod.is !== 'found') return draft.rest(BEHIND_MS);
  if (isTerminating(pod.pod)) {
    const node = draft.status.nodeName ?? '';
    return draft.wait({
      reason: 'Stopping',
      message: `the kubelet of node ${node} has yet to end pod ${pod.pod.metadata.name}`,
    });
  }
  const left = stopLeft(draft);
  if (left <= 0) return giveUp(draft);
  if (eviction === undefined) return draft.then({ do: 'evict' });
  if ('waiting' in eviction) return draft.wait(eviction.waiting, Math.min(eviction.againMs, left));
  // Should it still not be on its way out by then, it is evicted once more.
  return draft.wait(
    { reason: 'Stopping', message: `pod ${pod.pod.metadata.name} was evicted` },
    Math.min(EVICTED_MS, left),
  );
}

/** The pod is frozen from the moment at which it is Checkpointed. */
function stopLeft(draft: Draft): number {
  const mayTake = milliseconds(draft.checkpoint.spec.timeouts?.stop, STOP_MS);
  return draft.since('Checkpointed') + mayTake - draft.now.getTime();
}

/** Somebody else stops the pod, or we did and a cache did not know: whoever comes after it has the Restore, which waits. */
function handOver(draft: Draft): Decision {
  const { name } = draft.checkpoint.metadata;
  draft.set({ restoreName: name });
  draft.reach('Submitting', `Restore ${name} waits for the successor; the pod is on its way out`);
  return decideStop(draft);
}

/** The pod goes on where it is. */
function giveUp(draft: Draft): Decision {
  // With it the next pod of the owner would go on from an image that is no longer the last word.
  const migrates = draft.checkpoint.spec.autoMigration === true;
  if (migrates && draft.facts.restoreDropped !== true) return draft.then({ do: 'drop-restore' });
  draft.set({ restoreName: undefined });
  return undo(draft, statusError('GRIT_EVICTION_BLOCKED', tooLong(draft), false), 'release');
}

function tooLong(draft: Draft): string {
  const waiting = draft.status.conditions?.find(({ type }) => type === 'Waiting')?.message ?? '';
  return `the pod could not be evicted for as long as timeouts.stop allows, and goes on where it is; the image is kept. ${waiting}`;
}

/** Most owners make a new pod as soon as the old one is being deleted; only those that keep the name wait for its end. */
function wasReplacedTooEarly(draft: Draft): boolean {
  const { pod } = draft.facts;
  if (pod.is !== 'found' || isTerminal(pod.pod)) return true;
  const owner = draft.status.source?.owner?.kind;
  return isTerminating(pod.pod) && owner !== undefined && owner !== 'StatefulSet';
}
