// SPDX-License-Identifier: Apache-2.0
import type { StatusError } from '../../api/step.js';
import { factsOf } from './facts-of-pod.js';
import type { MigrationDecision } from './migration-decision.js';
import type { MigrationFacts } from './migration-facts.js';
import { statusIn } from './migration-status.js';

/** It ends, and the pod runs on where it was. */
export function returned(
  facts: MigrationFacts,
  reason: string,
  message: string,
  error?: StatusError,
): MigrationDecision {
  const { pod } = facts;
  const changes = { ...(pod.is === 'there' ? factsOf(pod.pod) : {}), progress: undefined };
  const statement = { phase: 'ReturnedToSource', reason, message, error, changes } as const;
  return {
    status: statusIn(facts, statement),
    move: { do: facts.saved ? 'drop-manifest' : 'wait' },
  };
}

/** It ends, and the pod does not run any more, or never was one that can be moved. */
export function failed(facts: MigrationFacts, reason: string, message: string, error?: StatusError): MigrationDecision {
  const statement = { phase: 'Failed', reason, message, error, changes: { progress: undefined } } as const;
  return { status: statusIn(facts, statement), move: { do: 'wait' } };
}
