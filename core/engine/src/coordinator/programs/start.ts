// SPDX-License-Identifier: Apache-2.0
import type { Json, RunRequest, WorkloadStatus } from '@grit/plugin-api';
import { FailedOperation } from '../failed-operation.js';
import type { OperationRun } from '../operation-run.js';
import type { ProgramResult } from './program.js';
import { recordOf } from './record-status.js';
import { toGritError } from '@grit/plugin-api';

/** Starts a workload on a node. */
export async function runStart(run: OperationRun): Promise<ProgramResult> {
  const { spec, ...request } = run.operation.request as RunRequest;
  const node = await run.requireNode(request.node ?? run.defaults.node);
  const workload = { kind: 'container', name: spec.name };
  run.catalog.createWorkload({ workload, node, spec, operation: run.operation.id });
  run.catalog.updateOperation(run.operation.id, { workload, node });
  try {
    const { status } = await run.step<{ status: WorkloadStatus }>('start', node, 'start', { spec } as unknown as Json);
    run.catalog.updateWorkload(workload, recordOf(status));
    return { outcome: 'Started', result: { node, logPath: status.logPath ?? null } };
  } catch (error) {
    run.stopSignal.throwIfAborted();
    // Not even a half-started container is left behind.
    await run.step('remove', node, 'discard-workload', { workload }, { committed: true });
    run.catalog.deleteWorkload(workload);
    throw new FailedOperation(toGritError(error), 'Unchanged');
  }
}
