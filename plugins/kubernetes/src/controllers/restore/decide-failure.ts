// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import type { StatusError, Step, StepReport } from '../../api/step.js';
import { decideOrder } from './decide-order.js';
import { conditionReason } from './error-reason.js';
import { failFor } from './fail-for.js';
import type { RestoreDecision } from './restore-decision.js';
import type { RestoreFacts } from './restore-facts.js';
import { statusIn } from './restore-status.js';
import { isExhausted, newRetry, pauseAfter, retriesOf } from './tries.js';

/** Starting fresh needs no data; when even that fails for a while, something is wrong with the node. */
const FRESH_TRIES = 3;

const SILENT_FAILURE: StatusError = {
  code: 'GRIT_RESTORE_FAILED',
  message: 'the agent gave no reason',
  hint: "Read the agent's log.",
  retryable: true,
};

/** The node has failed to do what it was told. */
export function decideFailure(facts: RestoreFacts, pod: Pod, step: Step, report: StepReport): RestoreDecision {
  const { restore } = facts;
  const { status } = restore;
  if (status?.phase === 'Failed') return decideFailed(facts, pod, step);
  const failures = (status?.failures ?? 0) + 1;
  const error = report.error ?? SILENT_FAILURE;
  const fresh = step.name === 'start-fresh';
  // What made it start fresh stays the reason, unless even that fails for good.
  const counted = withStatus(facts, { failures, error: fresh ? (status?.error ?? error) : error, step: undefined });
  const again = error.retryable && failures <= retriesOf(restore) + (fresh ? FRESH_TRIES : 0);
  if (again) return retry(counted, pod, error, pauseAfter(failures));
  if (!fresh && restore.spec.fallback === 'fresh') return decideOrder(counted, pod);
  return fail(withStatus(facts, { failures, error, step }), pod, error);
}

/** It has failed for good; people may change that. */
function decideFailed(facts: RestoreFacts, pod: Pod, step: Step): RestoreDecision {
  const { restore } = facts;
  const asked = newRetry(restore);
  if (asked !== undefined) {
    const anew = decideOrder(withStatus(facts, { failures: 0, error: undefined, step: undefined }), pod);
    const said = { type: 'Retried', status: 'True', reason: 'Asked', message: asked } as const;
    const others = (anew.status.conditions ?? []).filter(({ type }) => type !== 'Retried');
    const conditions = [...others, { ...said, lastTransitionTime: facts.now.toISOString() }];
    return { ...anew, status: { ...anew.status, conditions } };
  }
  const mayStartFresh = restore.spec.fallback === 'fresh' && step.name === 'restore';
  if (!isExhausted(restore) || mayStartFresh) return decideOrder(withStatus(facts, { step: undefined }), pod);
  return fail(facts, pod, restore.status?.error ?? SILENT_FAILURE);
}

function retry(facts: RestoreFacts, pod: Pod, error: StatusError, pauseMs: number): RestoreDecision {
  return {
    status: statusIn(facts, {
      phase: 'Pending',
      reason: 'Retrying',
      message: `pod ${pod.metadata.name} has taken the Restore`,
      also: [
        {
          type: 'Retrying',
          status: 'True',
          reason: conditionReason(error.code),
          message: `tried again ${pauseMs / 1000} s after the last try: ${error.message}`,
        },
      ],
    }),
    finalizer: true,
    podSelected: true,
    notices: [{ on: 'restore', type: 'Warning', reason: conditionReason(error.code), message: error.message }],
    lookAgainMs: pauseMs,
  };
}

function fail(facts: RestoreFacts, pod: Pod, error: StatusError): RestoreDecision {
  return failFor(facts, pod, conditionReason(error.code), `${error.message}. ${error.hint}`);
}

function withStatus(
  facts: RestoreFacts,
  changes: { failures?: number; error?: StatusError | undefined; step?: Step | undefined },
): RestoreFacts {
  const status = Object.fromEntries(
    Object.entries({ ...facts.restore.status, ...changes }).filter(([, value]) => value !== undefined),
  );
  return { ...facts, restore: { ...facts.restore, status } };
}
