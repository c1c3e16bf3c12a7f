// SPDX-License-Identifier: Apache-2.0
export type { Cluster, ClusterOptions, ClusterService, Etcd } from './cluster.js';
export type { ClusterNode } from './cluster-node.js';
export { ClusterError } from './cluster-error.js';
export { clusterUnavailable } from './cluster-unavailable.js';
export type { ImageArchive } from './images/debian-image.js';
export { PYTHON_IMAGE, pythonImage, pythonUnavailable } from './images/python-image.js';
export { TORCH_IMAGE, torchImage, torchUnavailable } from './images/torch-image.js';
export { BUSYBOX_IMAGE } from './node-images.js';
export { startCluster } from './start-cluster.js';
export { sweepAbandoned } from './sweep.js';
