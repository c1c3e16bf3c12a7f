// SPDX-License-Identifier: Apache-2.0

/** Where the things of one node are. */
export interface NodePlaces {
  readonly name: string;
  readonly directory: string;
  readonly containerdSocket: string;
  readonly kubeconfig: string;
  readonly cgroup: string;
  readonly address: string;
  /** Subnet of its pods. */
  readonly pods: string;
  /** Whether containerd has the handler `grit` from the start. */
  readonly handler: boolean;
  /** What starts a program inside the node's network. */
  readonly enter: readonly string[];
  /** Folders of the programs. */
  readonly programs: {
    readonly kubernetes: string;
    readonly containerd: string;
    readonly runc: string;
    readonly cni: string;
    readonly pause: string;
  };
}
