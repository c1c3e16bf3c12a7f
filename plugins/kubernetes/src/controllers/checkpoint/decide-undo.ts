// SPDX-License-Identifier: Apache-2.0
import { isErrorCode } from '@grit/plugin-api';
import type { StatusError, StepName } from '../../api/step.js';
import { isUnfinished, nextStep, reportOf } from '../../steps/order-step.js';
import { decideStart } from './decide-start.js';
import { reasonOf, type Decision, type Draft } from './draft.js';
import { clipped } from './status-error.js';

/** Tries of a checkpoint. */
const TRIES = 3;
/** Tries to undo one. */
const UNDO_TRIES = 5;
/** A node that was told to undo, and is not there, is waited for so long. */
const ABANDON_MS = 300_000;

/** Pause before a new try: 5 s, 10 s, 20 s, … */
function pauseMs(failures: number): number {
  return 5_000 * 2 ** Math.min(Math.max(failures - 1, 0), 6);
}

/** It went wrong: the node is told to undo everything (`abort`), or to let the pod go on and keep the image (`release`). */
export function undo(
  draft: Draft,
  error: StatusError,
  name: Extract<StepName, 'abort' | 'release'> = 'abort',
): Decision {
  const { step } = draft.status;
  const node = step?.node ?? draft.status.nodeName ?? '';
  const reason = reasonOf(error.code);
  draft.set({ error: clipped(error), failures: (draft.status.failures ?? 0) + 1, progress: undefined });
  for (const phase of ['Checkpointing', 'Checkpointed', 'Submitting']) {
    if (name === 'abort' || phase === 'Submitting') draft.unmark(phase, reason, error.message);
  }
  draft.mark('Aborting', 'True', reason, error.message);
  const { claimPodUid } = step ?? {};
  const mode = name === 'release' ? ('resume' as const) : undefined;
  draft.set({ step: nextStep(undefined, { name, node, mode, claimPodUid }, draft.now) });
  return draft.rest(ABANDON_MS);
}

/** How far the undoing is: `over` when there is nothing more to wait for. */
export function undoing(draft: Draft): Decision | 'over' {
  const { step } = draft.status;
  if (step === undefined) return 'over';
  const { node } = draft.facts;
  const since = draft.now.getTime() - Date.parse(step.orderedAt);
  const report = reportOf(draft.status);
  if (report?.phase === 'Succeeded') return 'over';
  // What was on a node that is no more needs no undoing.
  if (!node.exists) return 'over';
  if (isUnfinished(draft.status)) {
    if (node.obstacle !== undefined && since >= ABANDON_MS) return 'over';
    return node.obstacle === undefined ? draft.rest(ABANDON_MS) : draft.wait(node.obstacle, ABANDON_MS - since);
  }
  if (step.attempt >= UNDO_TRIES) return 'over';
  const left = pauseMs(step.attempt) - since;
  if (left > 0) return draft.rest(left);
  const { name, mode, claimPodUid } = step;
  draft.set({ step: nextStep(step, { name, node: step.node, mode, claimPodUid }, draft.now, report) });
  return draft.rest(ABANDON_MS);
}

/** The node undoes; afterwards it is tried again, or has failed. */
export function decideUndo(draft: Draft, operation: string): Decision {
  const state = undoing(draft);
  if (state !== 'over') return state;
  const { error, failures = 1, step } = draft.status;
  const report = reportOf(draft.status);
  const why = error?.message ?? 'it was aborted';
  const code = isErrorCode(error?.code ?? '') ? (error?.code as Parameters<typeof draft.end>[0]) : 'GRIT_INTERNAL';
  if (error?.retryable === true && failures < TRIES && report?.phase === 'Succeeded') {
    draft.unmark('Aborting', 'Aborted', 'the pod goes on as before');
    const left = pauseMs(failures) - (draft.now.getTime() - Date.parse(step?.orderedAt ?? ''));
    draft.mark('Retrying', 'True', reasonOf(error.code), `try ${String(failures)} of ${String(TRIES)} failed: ${why}`);
    if (left <= 0) return decideStart(draft, operation);
    draft.set({ phase: draft.has('Pending') ? 'Pending' : 'Created' });
    return draft.rest(left);
  }
  const undone = report?.phase === 'Succeeded' || !draft.facts.node.exists;
  draft.unmark('Aborting', 'Aborted', undone ? 'everything was undone' : 'the node could not undo everything');
  return draft.end(code, undone ? why : `${why} ${leftovers(draft)}`);
}

function leftovers(draft: Draft): string {
  const { podName = '', step } = draft.status;
  const said = reportOf(draft.status)?.error?.message;
  return (
    `The agent of node ${step?.node ?? ''} did not undo it${said === undefined ? '' : ` (${said})`}: ` +
    `pod ${podName} may be frozen there until that agent runs again, or the pod is deleted.`
  );
}
