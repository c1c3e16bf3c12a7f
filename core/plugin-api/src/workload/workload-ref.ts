// SPDX-License-Identifier: Apache-2.0

/** Names a workload, wherever it runs. The resolver of its kind knows where. */
export interface WorkloadRef {
  /** `container`: one machine. `pod`: Kubernetes. */
  readonly kind: string;
  /** Lower-case letters, digits and hyphens, at most 63; see {@link checkName}. */
  readonly name: string;
  /** Kubernetes only. */
  readonly namespace?: string | undefined;
  /** Kubernetes only: a pod of the same name that came later is another workload. */
  readonly uid?: string | undefined;
}
