// SPDX-License-Identifier: Apache-2.0
import type { Cluster } from './cluster.js';
import type { ClusterNode } from './cluster-node.js';
import { runForResult, runProgram } from './run-program.js';

/** Names one port of a Service. */
interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  /** Of the Service. */
  readonly port: number;
  /** Of its pods. */
  readonly targetPort: number;
}

/**
 * What a kube-proxy would do, once, for one Service with one pod: nodes and pods reach it at the Service's address. To be called again when
 * the pod is another one. Throws ClusterError when the Service has no pod that is ready.
 */
export async function routeService(cluster: Cluster, nodes: readonly ClusterNode[], of: ServicePort): Promise<void> {
  const { namespace, name, port, targetPort } = of;
  const read = (kind: string, path: string, ...which: string[]): Promise<string> =>
    cluster.kubectl('get', kind, ...which, '--namespace', namespace, '-o', `jsonpath=${path}`);
  const service = await read('service', '{.spec.clusterIP}', name);
  const pod = await read('endpoints', '{.subsets[0].addresses[0].ip}', name);
  const chain = `GRIT-${name}`.toUpperCase().slice(0, 28);
  for (const { enter } of nodes) {
    const [program, ...words] = ['nsenter', ...enter.slice(1), 'iptables', '-w', '-t', 'nat'] as const;
    const table = (...args: string[]): Promise<string> => runProgram(program, [...words, ...args]);
    const addOnce = async (to: string, ...rule: string[]): Promise<void> => {
      if ((await runForResult(program, [...words, '-C', to, ...rule])).code !== 0) await table('-A', to, ...rule);
    };
    const target = ['--protocol', 'tcp', '--destination', pod, '--dport', String(targetPort)];
    await runForResult(program, [...words, '-N', chain]);
    await table('-F', chain);
    await table('-A', chain, '--protocol', 'tcp', '--jump', 'DNAT', '--to-destination', `${pod}:${targetPort}`);
    const called = ['--protocol', 'tcp', '--destination', service, '--dport', String(port), '--jump', chain];
    for (const hook of ['PREROUTING', 'OUTPUT']) await addOnce(hook, ...called);
    // A pod that answers a pod of its own node would otherwise answer directly, from an address that was not asked.
    await addOnce('POSTROUTING', ...target, '--jump', 'MASQUERADE');
  }
}
