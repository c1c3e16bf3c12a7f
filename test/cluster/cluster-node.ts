// SPDX-License-Identifier: Apache-2.0
import type { ImageArchive } from './images/debian-image.js';

/** A node: a network namespace with a containerd and a kubelet of its own. */
export interface ClusterNode {
  readonly name: string;
  readonly address: string;
  readonly directory: string;
  readonly containerdSocket: string;
  /** Words before a command that is to run on the node: in its network, with its mounts. */
  readonly enter: readonly string[];
  /** Starts containerd and the kubelet; returns when the Node is Ready and takes pods. */
  start(): Promise<void>;
  /** Ends containerd and the kubelet as a crash would; the containers go on. */
  stop(): Promise<void>;
  /** Runs ctr in the kubelet's namespace; resolves with stdout, throws ClusterError with stderr. */
  ctr(...args: readonly string[]): Promise<string>;
  /** Brings an image; resolves when pods with `imagePullPolicy: Never` can have it. Does nothing where it is there. */
  importImage(image: ImageArchive): Promise<void>;
}
