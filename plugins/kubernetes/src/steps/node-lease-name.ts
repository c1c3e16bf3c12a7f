// SPDX-License-Identifier: Apache-2.0

const PREFIX = 'grit-node-';

/** Name of the Lease by which the agent of a node shows that it lives. */
export function nodeLeaseName(node: string): string {
  return `${PREFIX}${node}`;
}

/** The reverse; empty for another Lease. */
export function nodeOfLease(lease: string): string {
  return lease.startsWith(PREFIX) ? lease.slice(PREFIX.length) : '';
}
