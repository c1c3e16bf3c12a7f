// SPDX-License-Identifier: Apache-2.0
import type { OperationRequest, WorkloadRef } from '@grit/plugin-api';

/** A reference as one text; no part of it can have a slash. */
export function workloadKey(workload: WorkloadRef): string {
  return `${workload.kind}/${workload.namespace ?? ''}/${workload.name}`;
}

/** The workload that a request names, if it names one. */
export function workloadOf(request: OperationRequest): WorkloadRef | undefined {
  return request.kind === 'run' ? { kind: 'container', name: request.spec.name } : request.workload;
}
