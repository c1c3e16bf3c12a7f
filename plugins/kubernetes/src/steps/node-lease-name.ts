// SPDX-License-Identifier: Apache-2.0

/** Name of the Lease by which the agent of a node shows that it lives. */
export function nodeLeaseName(node: string): string {
  return `grit-node-${node}`;
}
