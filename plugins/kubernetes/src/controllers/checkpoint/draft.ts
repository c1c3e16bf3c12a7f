// SPDX-License-Identifier: Apache-2.0
import type { ErrorCode } from '@grit/plugin-api';
import type { Checkpoint, CheckpointPhase, CheckpointStatus } from '../../api/checkpoint.js';
import type { Condition } from '../../api/condition.js';
import { findCondition, setCondition } from '../../kit/conditions.js';
import { milliseconds } from '../../api/duration.js';
import type { CheckpointFacts, Move, Obstacle } from './facts.js';
import { clip, statusError } from './status-error.js';

/** The status as it has to be, and what is done next. */
export interface Decision {
  readonly status: CheckpointStatus;
  readonly move: Move;
}

/** Fields that the controller owns; `report` is the agent's. */
export type OwnStatus = Omit<CheckpointStatus, 'report'>;

/** Default of `timeouts.pending`. */
const PENDING_MS = 600_000;
/** The schema's bound for the message of a condition. */
const MOST_CONDITION = 32_768;
/** Turns of another Checkpoint are not this one's waiting time. */
export const RIVAL_REASON = 'AnotherCheckpoint';

/** A status that is being written, and the words for what happened. */
export class Draft {
  readonly facts: CheckpointFacts;
  readonly checkpoint: Checkpoint;
  status: CheckpointStatus;

  constructor(facts: CheckpointFacts) {
    this.facts = facts;
    this.checkpoint = facts.checkpoint;
    this.status = facts.checkpoint.status ?? {};
  }

  get now(): Date {
    return this.facts.now;
  }

  set(fields: Partial<OwnStatus>): void {
    this.status = { ...this.status, ...fields };
  }

  /** A new operation: what was before counts no more. */
  startOver(operation: string): void {
    this.status = { operation };
  }

  has(type: string): boolean {
    return findCondition(this.status.conditions, type)?.status === 'True';
  }

  /** When a condition last changed, by the clock of a controller. */
  since(type: string): number {
    const at = findCondition(this.status.conditions, type)?.lastTransitionTime;
    return at === undefined ? this.now.getTime() : Date.parse(at);
  }

  mark(type: string, status: Condition['status'], reason: string, message: string): void {
    const { generation } = this.checkpoint.metadata;
    const condition = {
      type,
      status,
      reason,
      message: clip(message, MOST_CONDITION),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    };
    this.set({ conditions: setCondition(this.status.conditions, condition, this.now) });
  }

  /** Says that something holds no more, if it ever held. */
  unmark(type: string, reason: string, message: string): void {
    if (this.has(type)) this.mark(type, 'False', reason, message);
  }

  /** The fact that a phase names is there. */
  reach(phase: CheckpointPhase, message: string): void {
    if (!this.has(phase)) this.mark(phase, 'True', phase, message);
    this.set({ phase });
  }

  /** Nothing is waited for any more. */
  goOn(): void {
    this.unmark('Waiting', 'GoesOn', 'nothing is waited for');
    this.#recover();
  }

  /** Waits for something that may come, for as long as it takes. */
  wait({ reason, message }: Obstacle, againMs?: number): Decision {
    const before = findCondition(this.status.conditions, 'Waiting');
    // The time that counts begins anew after the turn of a rival.
    if (before?.status === 'True' && before.reason === RIVAL_REASON && reason !== RIVAL_REASON) {
      this.mark('Waiting', 'False', reason, message);
    }
    this.mark('Waiting', 'True', reason, message);
    this.#recover();
    return this.rest(againMs);
  }

  /** Waits for a precondition, for as long as `timeouts.pending` allows. */
  waitToStart(obstacle: Obstacle, againMs = Infinity): Decision {
    const left = this.#pendingLeft(obstacle);
    if (left <= 0) return this.end('GRIT_TIMEOUT', this.#tooLong(obstacle), 'PendingTimeout');
    return this.wait(obstacle, Math.min(left, againMs));
  }

  /** A precondition is not there and comes only by somebody's hand: Failed, and looked at again when something changes. */
  refuse(code: ErrorCode, obstacle: Obstacle, againMs = Infinity): Decision {
    const left = this.#pendingLeft(obstacle);
    if (left <= 0) return this.end(code, this.#tooLong(obstacle), obstacle.reason);
    this.mark('Waiting', 'True', obstacle.reason, obstacle.message);
    this.#fail(code, obstacle.reason, obstacle.message);
    return this.rest(Math.min(left, againMs));
  }

  /** Failed, and nothing will change that but the retry annotation. */
  end(code: ErrorCode, message: string, reason = reasonOf(code)): Decision {
    this.unmark('Waiting', reason, 'it has failed');
    this.unmark('Retrying', reason, 'it is not tried again');
    this.#fail(code, reason, message);
    this.set({ finishedAt: this.now.toISOString() });
    return this.rest();
  }

  /** The last phase was reached. */
  finish(): Decision {
    this.goOn();
    this.unmark('Retrying', 'Done', 'it went well');
    this.set({ finishedAt: this.now.toISOString() });
    return this.rest();
  }

  rest(againMs?: number): Decision {
    return this.then({ do: 'wait', againMs });
  }

  then(move: Move): Decision {
    return { status: this.status, move };
  }

  /** What failed before is no longer so; an error that is being dealt with stays. */
  #recover(): void {
    this.unmark('Failed', 'Recovered', 'the cause is gone');
    if (!this.has('Aborting') && !this.has('Retrying')) this.set({ error: undefined });
  }

  #fail(code: ErrorCode, reason: string, message: string): void {
    this.mark('Failed', 'True', reason, message);
    const error = statusError(code, message);
    const known = this.status.error?.code === code && this.status.error.message === error.message;
    this.set({ phase: 'Failed', ...(known ? {} : { error }) });
  }

  #pendingLeft({ reason }: Obstacle): number {
    const before = findCondition(this.status.conditions, 'Waiting');
    const waits = before?.status === 'True' && before.reason !== RIVAL_REASON && reason !== RIVAL_REASON;
    const since = waits ? Date.parse(before.lastTransitionTime) : this.now.getTime();
    return since + milliseconds(this.checkpoint.spec.timeouts?.pending, PENDING_MS) - this.now.getTime();
  }

  #tooLong({ message }: Obstacle): string {
    return `${message} It was waited for as long as timeouts.pending allows; a new value of the annotation grit.dev/retry tries again.`;
  }
}

/** GRIT_POD_GONE → PodGone. */
export function reasonOf(code: string): string {
  return code
    .replace(/^GRIT_/, '')
    .toLowerCase()
    .replace(/(^|_)([a-z0-9])/g, (_, __, letter: string) => letter.toUpperCase());
}
