// SPDX-License-Identifier: Apache-2.0

/** A node: a network namespace with a containerd and a kubelet of its own. */
export interface ClusterNode {
  readonly name: string;
  readonly address: string;
  readonly directory: string;
  readonly containerdSocket: string;
  /** Starts kubelet and containerd; returns when the Node is Ready. */
  start(): Promise<void>;
  /** Ends kubelet and containerd as a crash would; the containers go on. */
  stop(): Promise<void>;
}
