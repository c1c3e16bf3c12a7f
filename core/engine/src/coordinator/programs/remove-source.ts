// SPDX-License-Identifier: Apache-2.0
import type { Json, WorkloadRef } from '@grit/plugin-api';
import type { OperationRun } from '../operation-run.js';

/** Removes what an ended copy has left on a node that the workload is leaving. Remains are untidy, not wrong: no failure. */
export async function removeSource(run: OperationRun, workload: WorkloadRef, node: string): Promise<void> {
  try {
    await run.step('remove-source', node, 'remove', { workload } as unknown as Json, { committed: true });
  } catch {
    run.stopSignal.throwIfAborted();
  }
}
