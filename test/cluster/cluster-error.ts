// SPDX-License-Identifier: Apache-2.0

/** What went wrong with a test cluster, said to a person. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}
