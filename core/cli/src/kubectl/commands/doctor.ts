// SPDX-License-Identifier: Apache-2.0
import type { KubeCommand } from '../command.js';

/** `kubectl grit doctor`. */
export const command: KubeCommand = {
  name: 'doctor',
  summary: 'look for what is missing or wrong in the cluster: resources, rights, controller, admission, nodes, stores',
  arguments: [],
  options: [],
  examples: ['kubectl grit doctor', 'kubectl grit doctor -n research -o json'],
  async run(_invocation, context) {
    const { examineCluster } = await import('../doctor/examine-cluster.js');
    return await examineCluster(context);
  },
};
