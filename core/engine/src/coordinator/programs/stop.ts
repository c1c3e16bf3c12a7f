// SPDX-License-Identifier: Apache-2.0
import type { Json, StopRequest, WorkloadStatus } from '@grit/plugin-api';
import type { OperationRun } from '../operation-run.js';
import type { ProgramResult } from './program.js';
import { recordOf } from './record-status.js';

const GRACE_MS = 10_000;

/** Ends a workload, held or running. */
export async function runStop(run: OperationRun): Promise<ProgramResult> {
  const request = run.operation.request as StopRequest;
  const record = run.lock(request.workload);
  const input = { workload: record.workload, graceMs: request.graceMs ?? GRACE_MS } as unknown as Json;
  const { status } = await run.step<{ status: WorkloadStatus }>('stop', record.node, 'stop', input);
  const state = status.state === 'missing' ? 'stopped' : status.state;
  run.catalog.updateWorkload(record.workload, { ...recordOf(status), state, hold: undefined });
  return { outcome: 'Stopped', result: { exitCode: status.exitCode ?? null } };
}
