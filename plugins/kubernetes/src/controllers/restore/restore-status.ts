// SPDX-License-Identifier: Apache-2.0
import type { RestorePhase, RestoreStatus } from '../../api/restore.js';
import { defined } from '../../kit/defined.js';
import { conditionsOf, type Statement } from './restore-conditions.js';
import type { OwnStatus } from './restore-decision.js';
import type { RestoreFacts } from './restore-facts.js';

/** Conditions that are remembered until they are said anew. */
const REMEMBERED = ['Released', 'Retried'];

const ORDER: Readonly<Record<RestorePhase, number>> = {
  Created: 0,
  Pending: 1,
  Restoring: 2,
  Restored: 3,
  ColdStarted: 3,
  Failed: 3,
};

/** What is said of a phase. */
export interface PhaseStatement {
  readonly phase: RestorePhase;
  /** One PascalCase word. */
  readonly reason: string;
  readonly message: string;
  /** What is waited for, and what else holds now. */
  readonly also?: readonly Statement[];
  /** Fields that change; undefined takes one away. */
  readonly changes?: { readonly [K in keyof OwnStatus]?: OwnStatus[K] | undefined };
}

/** The controller's part of the status, in a phase: the phases reached so far are kept as conditions, as the prototype does. */
export function statusIn(facts: RestoreFacts, statement: PhaseStatement): OwnStatus {
  const { restore, now } = facts;
  const { phase, reason, message, also = [], changes = {} } = statement;
  const previous = restore.status?.conditions ?? [];
  const said = [...also.map(({ type }) => type), phase];
  const kept = previous.filter(
    ({ type }) => !said.includes(type) && (REMEMBERED.includes(type) || isBefore(type, phase)),
  );
  const statements = [...kept, { type: phase, status: 'True' as const, reason, message }, ...also];
  const conditions = conditionsOf(previous, statements.map(bare), restore.metadata.generation, now);
  return defined({
    ...ownStatusOf(restore.status),
    ...(facts.excluded === undefined ? {} : { excludedNodes: facts.excluded.slice(0, 200).map(shortened) }),
    ...changes,
    phase,
    conditions,
  });
}

/** The controller's part of a status. */
export function ownStatusOf(status: RestoreStatus | undefined): OwnStatus {
  const { report: _report, reservation: _reservation, ...own } = status ?? {};
  return own;
}

function isBefore(type: string, phase: RestorePhase): boolean {
  return Object.hasOwn(ORDER, type) && ORDER[type as RestorePhase] < ORDER[phase];
}

function bare({ type, status, reason, message }: Statement): Statement {
  return { type, status, reason, message };
}

function shortened({ node, reasons }: { node: string; reasons: readonly string[] }): {
  node: string;
  reasons: string[];
} {
  return { node, reasons: reasons.slice(0, 16) };
}
