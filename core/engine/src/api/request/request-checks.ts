// SPDX-License-Identifier: Apache-2.0
import {
  API_VERSION,
  type CheckpointRequest,
  type DeleteRequest,
  type MigrateRequest,
  type OperationKind,
  type OperationRequest,
  type ReleaseRequest,
  type RestoreRequest,
  type RunRequest,
  type StopRequest,
  type WorkloadRef,
} from '@grit/plugin-api';
import { isName, isOneOf, isPrintable, isWhole, type Check } from './checks.js';
import { isObject } from './object-check.js';
import { isWorkloadSpec } from './workload-spec-check.js';

const HOUR_MS = 3_600_000;
/** A hundred years. */
const LONGEST_TTL_MS = 36_525 * 24 * HOUR_MS;

const workload = isObject<WorkloadRef>({
  kind: ['needed', isName],
  name: ['needed', isName],
  namespace: ['optional', isName],
  uid: ['optional', isName],
});

const base = {
  apiVersion: ['needed', isOneOf(API_VERSION)],
  idempotencyKey: ['optional', isPrintable(1, 200)],
  requestedBy: ['optional', isPrintable(0, 200)],
} as const;

const tcp = ['optional', isOneOf('refuse', 'keep', 'close')] as const;
const storage = ['optional', isName] as const;

/** What each kind of request must look like. */
export const REQUEST_CHECKS: { readonly [K in OperationKind]: Check<Extract<OperationRequest, { kind: K }>> } = {
  checkpoint: isObject<CheckpointRequest>({
    ...base,
    kind: ['needed', isOneOf('checkpoint')],
    workload: ['needed', workload],
    afterCheckpoint: ['optional', isOneOf('resume', 'stop', 'hold')],
    storage,
    tcp,
    ttlMs: ['optional', isWhole(1, LONGEST_TTL_MS)],
  }),
  restore: withOneOf(
    'at least',
    isObject<RestoreRequest>({
      ...base,
      kind: ['needed', isOneOf('restore')],
      checkpoint: ['optional', isName],
      workload: ['optional', workload],
      node: ['optional', isName],
      storage,
      tcp,
    }),
  ),
  migrate: isObject<MigrateRequest>({
    ...base,
    kind: ['needed', isOneOf('migrate')],
    workload: ['needed', workload],
    to: ['needed', isName],
    storage,
    tcp,
  }),
  run: isObject<RunRequest>({
    ...base,
    kind: ['needed', isOneOf('run')],
    spec: ['needed', isWorkloadSpec],
    node: ['optional', isName],
  }),
  stop: isObject<StopRequest>({
    ...base,
    kind: ['needed', isOneOf('stop')],
    workload: ['needed', workload],
    graceMs: ['optional', isWhole(0, HOUR_MS)],
  }),
  release: isObject<ReleaseRequest>({
    ...base,
    kind: ['needed', isOneOf('release')],
    workload: ['needed', workload],
    mode: ['needed', isOneOf('resume', 'stop')],
  }),
  delete: withOneOf(
    'exactly',
    isObject<DeleteRequest>({
      ...base,
      kind: ['needed', isOneOf('delete')],
      checkpoint: ['optional', isName],
      workload: ['optional', workload],
      storage,
    }),
  ),
};

function withOneOf<T extends RestoreRequest | DeleteRequest>(how: 'at least' | 'exactly', check: Check<T>): Check<T> {
  return (value, field, problems) => {
    const request = check(value, field, problems);
    const given = Object.keys(request).filter((key) => key === 'checkpoint' || key === 'workload').length;
    if (given === 0 || (given === 2 && how === 'exactly')) {
      problems.push(`checkpoint, workload: ${how} one of the two is needed`);
    }
    return request;
  };
}
