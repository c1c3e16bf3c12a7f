// SPDX-License-Identifier: Apache-2.0
import type { WorkloadStatus } from '@grit/plugin-api';
import type { WorkloadRecord } from '../../catalog/catalog.js';

/** What a node's report changes in the record of a workload. */
export function recordOf(
  status: WorkloadStatus,
): Partial<Pick<WorkloadRecord, 'state' | 'exitCode' | 'logPath' | 'restoredFrom'>> {
  return {
    state: status.state,
    exitCode: status.exitCode,
    ...(status.logPath === undefined ? {} : { logPath: status.logPath }),
    ...(status.restoredFrom === undefined ? {} : { restoredFrom: status.restoredFrom }),
  };
}
