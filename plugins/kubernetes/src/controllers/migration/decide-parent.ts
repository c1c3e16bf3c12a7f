// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import type { Migration, MigrationPhase, MigrationStatus } from '../../api/migration.js';
import { describeSelector } from '../restore/describe-wanted.js';
import { isLast, statusIn, type MigrationStatement } from './migration-status.js';

/** Everything that is looked at to decide what becomes of a Migration of several pods. */
export interface ParentFacts {
  readonly migration: Migration;
  /** Pods that the selector chooses and that have not ended. */
  readonly pods: readonly Pod[];
  readonly children: readonly Migration[];
  readonly now: Date;
}

/** What is to be done for a Migration of several pods. */
export interface ParentDecision {
  readonly status: MigrationStatus;
  /** Pods that get a Migration of their own now. */
  readonly make: readonly Pod[];
  /** Children that may begin: they are woken, since nothing about them has changed. */
  readonly wake: readonly Migration[];
}

/**
 * All children are made before the first begins, so that the choice of pods is that of one moment: a pod that was moved has a successor with the same
 * labels, which must not be moved again.
 */
export function decideParent(facts: ParentFacts): ParentDecision {
  const { migration, pods, children } = facts;
  const { status = {}, metadata, spec } = migration;
  if (metadata.deletionTimestamp !== undefined) return { status, make: [], wake: [] };
  if (status.pods === undefined) {
    const known = new Set(children.map((child) => child.spec.podName));
    const make = pods.filter((pod) => !known.has(pod.metadata.name));
    if (make.length > 0) {
      const message = `${pods.length} pods are chosen, each gets a Migration`;
      return { status: statusIn(facts, { phase: 'Pending', reason: 'Choosing', message }), make, wake: [] };
    }
    if (children.length === 0) {
      const message = `spec.selector: no pod in namespace ${metadata.namespace ?? ''} that has not ended has the labels ${describeSelector(spec.selector ?? {})}`;
      return { status: statusIn(facts, { phase: 'Failed', reason: 'NoPods', message }), make: [], wake: [] };
    }
  }
  if (isLast(status.phase) && children.length === 0) return { status, make: [], wake: [] };
  const turns = turnsOf(migration, children);
  const wake = turns.filter((child) => !hasBegun(child));
  return { status: statusIn(facts, sum(children, status.pods?.total)), make: [], wake };
}

/** The children that may be under way now, in their order. */
export function turnsOf({ spec }: Migration, children: readonly Migration[]): readonly Migration[] {
  const order = ({ metadata }: Migration): string => metadata.name;
  const open = children.filter(({ status }) => !isLast(status?.phase));
  const begun = open.filter(hasBegun);
  const others = open.filter((child) => !hasBegun(child)).toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
  return [...begun, ...others.slice(0, Math.max(0, (spec.parallelism ?? 10) - begun.length))];
}

function hasBegun({ status }: Migration): boolean {
  return status?.checkpointName !== undefined;
}

function sum(children: readonly Migration[], known: number | undefined): MigrationStatement {
  const count = (predicate: (phase: MigrationPhase | undefined) => boolean): number =>
    children.filter(({ status }) => predicate(status?.phase)).length;
  const succeeded = count((phase) => phase === 'Succeeded');
  const active = count((phase) => !isLast(phase));
  // A child that somebody has deleted was not moved.
  const total = Math.max(known ?? 0, children.length);
  const failed = total - succeeded - active;
  const pods = { total, succeeded, failed, active };
  const message = `${succeeded} of ${total} pods are moved${failed === 0 ? '' : `, ${failed} are not`}`;
  if (active > 0) return { phase: furthest(children), reason: 'Moving', message, changes: { pods } };
  if (failed === 0) return { phase: 'Succeeded', reason: 'Succeeded', message, changes: { pods } };
  if (succeeded > 0) return { phase: 'Partial', reason: 'Partial', message, changes: { pods } };
  const back = count((phase) => phase === 'ReturnedToSource') === total;
  return {
    phase: back ? 'ReturnedToSource' : 'Failed',
    reason: back ? 'ReturnedToSource' : 'Failed',
    message,
    changes: { pods },
  };
}

const STAGES = ['Pending', 'Checkpointing', 'Stopping', 'Restoring'] as const;

/** The phase of the child that is furthest. */
function furthest(children: readonly Migration[]): MigrationPhase {
  const stages = children.map(({ status }) => STAGES.findIndex((stage) => stage === status?.phase));
  return STAGES[Math.max(0, ...stages)] ?? 'Pending';
}
