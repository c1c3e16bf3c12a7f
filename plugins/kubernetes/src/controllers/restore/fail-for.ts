// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import type { RestoreDecision } from './restore-decision.js';
import type { RestoreFacts } from './restore-facts.js';
import { statusIn } from './restore-status.js';

/** The pod stays where it waits: it never starts fresh unless `fallback` says so. */
export function failFor(facts: RestoreFacts, pod: Pod, reason: string, why: string): RestoreDecision {
  const { restore, now } = facts;
  const { name } = restore.metadata;
  const message =
    `pod ${pod.metadata.name} is not restored: ${why} It is tried again when the annotation grit.dev/retry gets a new value; ` +
    `spec.fallback: fresh lets the pod start fresh`;
  const first = restore.status?.phase !== 'Failed';
  return {
    status: statusIn(facts, {
      phase: 'Failed',
      reason,
      message,
      changes: { nodeName: pod.spec.nodeName, ...(first ? { finishedAt: now.toISOString() } : {}) },
    }),
    finalizer: true,
    podSelected: true,
    notices: first
      ? [
          { on: 'restore', type: 'Warning', reason, message },
          { on: 'pod', type: 'Warning', reason, message: `Restore ${name}: ${message}` },
        ]
      : [],
  };
}
