// SPDX-License-Identifier: Apache-2.0
import type { ContainerdClient } from '../containerd/containerd-client.js';
import type { NodeEnvironment } from '../node-environment.js';
import type { PodHolds } from './pod-hold.js';

/** What work on the pods of a node is done with. */
export interface PodPlaces {
  readonly node: NodeEnvironment;
  readonly client: ContainerdClient;
  readonly holds: PodHolds;
}
