// SPDX-License-Identifier: Apache-2.0
import { GritError, type Json, type ReleaseRequest, type WorkloadStatus } from '@grit/plugin-api';
import type { OperationRun } from '../operation-run.js';
import type { ProgramResult } from './program.js';
import { recordOf } from './record-status.js';

/** Lets a held workload go on, or ends it. */
export async function runRelease(run: OperationRun): Promise<ProgramResult> {
  const request = run.operation.request as ReleaseRequest;
  const record = run.lock(request.workload);
  if (record.state !== 'held') {
    throw new GritError('GRIT_WORKLOAD_NOT_HELD', `workload ${record.workload.name} is ${record.state}, not held`);
  }
  const input = { workload: record.workload, hold: record.hold ?? null, mode: request.mode } as unknown as Json;
  const { status } = await run.step<{ status: WorkloadStatus }>('release', record.node, 'release', input, {
    committed: true,
  });
  const ended = request.mode === 'stop';
  run.catalog.updateWorkload(record.workload, {
    ...recordOf(status),
    ...(ended ? { state: 'stopped' } : {}),
    hold: undefined,
  });
  return { outcome: 'Released', result: { mode: request.mode } };
}
