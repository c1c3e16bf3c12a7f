// SPDX-License-Identifier: Apache-2.0
import type { OperationStatus } from '@grit/plugin-api';

/** A finished checkpoint, with changes. */
export function operationStatus(changes: Partial<OperationStatus> = {}): OperationStatus {
  return {
    id: 'op-1',
    kind: 'checkpoint',
    request: { apiVersion: 'grit.dev/v1', kind: 'checkpoint', workload: { kind: 'container', name: 'train' } },
    phase: 'Succeeded',
    outcome: 'Checkpointed',
    workload: { kind: 'container', name: 'train' },
    node: 'a',
    checkpoint: 'cp-1',
    steps: [],
    timings: [
      { phase: 'preflight', ms: 12.34 },
      { phase: 'dump', ms: 200.06 },
      { phase: 'store', ms: 87.6 },
    ],
    createdAt: 1_000,
    finishedAt: 1_300,
    revision: 7,
    ...changes,
  };
}
