// SPDX-License-Identifier: Apache-2.0
import type { WorkloadRef } from './workload-ref.js';

/** Where a workload is. */
export interface Placement {
  readonly workload: WorkloadRef;
  readonly node: string;
  /** Ids of its containers in the runtime. */
  readonly containers: readonly string[];
}

/** Turns a reference into a place. One machine: the catalog knows. Kubernetes: the API server does. */
export interface WorkloadResolver {
  /** The kinds of {@link WorkloadRef} that it resolves. */
  readonly kinds: readonly string[];
  /** Throws GRIT_WORKLOAD_NOT_FOUND. */
  resolve(workload: WorkloadRef, signal: AbortSignal): Promise<Placement>;
}
