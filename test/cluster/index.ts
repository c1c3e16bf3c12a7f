// SPDX-License-Identifier: Apache-2.0
export type { Cluster, ClusterOptions, ClusterService, Etcd } from './cluster.js';
export type { ClusterNode } from './cluster-node.js';
export { ClusterError } from './cluster-error.js';
export { clusterUnavailable } from './cluster-unavailable.js';
export { BUSYBOX_IMAGE } from './node-images.js';
export { startCluster } from './start-cluster.js';
export { sweepAbandoned } from './sweep.js';
