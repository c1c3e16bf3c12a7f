// SPDX-License-Identifier: Apache-2.0
import {
  toGritError,
  type CheckpointRecord,
  type GritError,
  type Json,
  type TcpPolicy,
  type WorkloadRef,
  type WorkloadStatus,
} from '@grit/plugin-api';
import type { OperationRun } from '../operation-run.js';
import { recordOf } from './record-status.js';

/** One try to restore a checkpoint on a node. */
export interface RestoreTry {
  readonly checkpoint: CheckpointRecord;
  readonly node: string;
  readonly tcp: TcpPolicy;
  /** Makes the steps' names and the id of the restore unique in the operation: `` or `-2`, `-back`. */
  readonly suffix: string;
  /** Behind the point of no return. */
  readonly committed: boolean;
}

/** Fetches the image to the node, verified, and prepares everything short of processes. */
export async function prepare(run: OperationRun, attempt: RestoreTry): Promise<void> {
  const { checkpoint } = attempt;
  await run.step(
    `prepare${attempt.suffix}`,
    attempt.node,
    'prepare',
    {
      ...target(run, attempt),
      storage: checkpoint.storage,
      manifestDigest: checkpoint.manifestDigest ?? null,
    },
    { retry: true, committed: attempt.committed },
  );
}

/** Brings the processes back. After an error nothing of this try is left. */
export async function restore(run: OperationRun, attempt: RestoreTry): Promise<void> {
  const { workload } = attempt.checkpoint;
  const { status } = await run.step<{ status: WorkloadStatus }>(
    `restore${attempt.suffix}`,
    attempt.node,
    'restore',
    target(run, attempt),
    { committed: attempt.committed },
  );
  run.catalog.updateWorkload(workload, {
    ...recordOf(status),
    node: attempt.node,
    restoredFrom: attempt.checkpoint.id,
    hold: undefined,
  });
}

/** Takes back what a failed try left on its node. The error is returned when not even that works. */
export async function abandon(run: OperationRun, attempt: RestoreTry): Promise<GritError | undefined> {
  try {
    await run.step(`abandon${attempt.suffix}`, attempt.node, 'abandon', target(run, attempt), { committed: true });
    return undefined;
  } catch (error) {
    run.stopSignal.throwIfAborted();
    return toGritError(error);
  }
}

function target(run: OperationRun, attempt: RestoreTry): Record<string, Json> {
  const workload: WorkloadRef = attempt.checkpoint.workload;
  return {
    checkpoint: attempt.checkpoint.id,
    workload: workload as unknown as Json,
    restore: `${run.operation.id}${attempt.suffix}`,
    tcp: attempt.tcp,
  };
}
