// SPDX-License-Identifier: Apache-2.0
import type { ErrorCode } from '@grit/plugin-api';
import type { CheckpointCall } from './one-short-call.js';

/** Of the table: a call of the driver in an operation. */
export interface Row {
  readonly operation: 'discover' | 'quiesce' | 'resume' | 'restore';
  readonly call: CheckpointCall;
  /** Calls of the same kind, for the same process, before the one that fails. */
  readonly skip: number;
  /** What brings a quiesce to its rollback: this call fails first. `after`: it was carried out. */
  readonly trigger?: { readonly call: 'lock' | 'checkpoint'; readonly after: boolean };
  readonly title: string;
}

const lockFails = { call: 'lock', after: true } as const;
const checkpointFails = { call: 'checkpoint', after: true } as const;

/** Every call that the driver makes, at every place. */
export const ROWS: readonly Row[] = [
  { operation: 'discover', call: 'restoreThread', skip: 0, title: 'discover: restoreThread' },
  { operation: 'quiesce', call: 'state', skip: 0, title: 'quiesce: state before the lock' },
  { operation: 'quiesce', call: 'lock', skip: 0, title: 'quiesce: lock' },
  { operation: 'quiesce', call: 'state', skip: 1, title: 'quiesce: state before the checkpoint' },
  { operation: 'quiesce', call: 'checkpoint', skip: 0, title: 'quiesce: checkpoint' },
  { operation: 'quiesce', call: 'state', skip: 1, trigger: lockFails, title: 'rollback: first state' },
  { operation: 'quiesce', call: 'restore', skip: 0, trigger: checkpointFails, title: 'rollback: restore' },
  { operation: 'quiesce', call: 'state', skip: 3, trigger: checkpointFails, title: 'rollback: second state' },
  { operation: 'quiesce', call: 'unlock', skip: 0, trigger: lockFails, title: 'rollback: unlock' },
  { operation: 'resume', call: 'state', skip: 0, title: 'resume: first state' },
  { operation: 'resume', call: 'restore', skip: 0, title: 'resume: restore' },
  { operation: 'resume', call: 'state', skip: 1, title: 'resume: second state' },
  { operation: 'resume', call: 'unlock', skip: 0, title: 'resume: unlock' },
  { operation: 'restore', call: 'state', skip: 0, title: 'restore: state, which of them are due' },
  { operation: 'restore', call: 'state', skip: 1, title: 'restore: state before the restore' },
  { operation: 'restore', call: 'restore', skip: 0, title: 'restore: restore' },
  { operation: 'restore', call: 'state', skip: 2, title: 'restore: state before the unlock' },
  { operation: 'restore', call: 'unlock', skip: 0, title: 'restore: unlock' },
  { operation: 'restore', call: 'state', skip: 3, title: 'restore: state at the end' },
];

export type Fault = 1 | 2 | 3 | 201 | 304 | 401 | 600 | 801 | 900 | 'hang' | 'killed';

/** Those of the documentation, and what is worse. Only a lock can be answered with 600. */
export function faultsOf({ call }: Row): readonly Fault[] {
  const all: readonly Fault[] = [1, 2, 3, 201, 304, 401, 600, 801, 900, 'hang', 'killed'];
  return call === 'lock' ? all : all.filter((fault) => fault !== 600);
}

/** Undefined: the operation does what it was to do. `named`: the error says that the process cannot go on. */
export interface Ending {
  readonly code: ErrorCode | undefined;
  readonly named: boolean;
}

const WELL: Ending = { code: undefined, named: false };
const LOST: Ending = { code: 'GRIT_DEVICE_LOST', named: true };

/** How the operation has to end, by the documentation of DeviceDriver. */
export function endingOf({ operation, call, trigger, skip }: Row, fault: Fault): Ending {
  if (fault === 'hang') return { code: 'GRIT_TIMEOUT', named: false };
  if (operation === 'discover') {
    // Either is said of a process that does not use CUDA; one that has ended is none.
    return fault === 1 || fault === 3 || fault === 'killed' ? WELL : { code: codeOf(fault), named: false };
  }
  if (operation === 'quiesce') {
    if (fault === 'killed') return { code: 'GRIT_DEVICE_FAILED', named: false };
    if (trigger === undefined) return { code: codeOf(fault), named: false };
    // The answer to the trigger; a state that is not said keeps nobody from being brought back.
    return call === 'state' ? { code: 'GRIT_DEVICE_FAILED', named: false } : LOST;
  }
  if (fault === 'killed') return operation === 'restore' ? LOST : WELL;
  if (call !== 'state') return LOST;
  // All run, which cannot be made sure of.
  return operation === 'restore' && skip === 3 ? { code: 'GRIT_DEVICE_FAILED', named: false } : WELL;
}

/** True where the failure of one keeps the others from going on: their image may be restored once more. */
export function keepsOthers({ operation, call, skip }: Row, fault: Fault): boolean {
  if (operation !== 'restore' || fault === 'hang') return false;
  return call === 'restore' || (fault === 'killed' && call === 'state' && skip < 2);
}

function codeOf(fault: Exclude<Fault, 'hang' | 'killed'>): ErrorCode {
  if (fault === 600) return 'GRIT_DEVICE_BUSY';
  return fault === 3 || fault === 801 ? 'GRIT_DEVICE_UNAVAILABLE' : 'GRIT_DEVICE_FAILED';
}
