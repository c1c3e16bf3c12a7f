// SPDX-License-Identifier: Apache-2.0
import { ClusterError } from './cluster-error.js';
import { reserve } from './reservation.js';
import { runForResult, runProgram } from './run-program.js';

/** Pods get a quarter of a /24 each node. */
export const MOST_NODES = 4;
const PODS_A_NODE = 64;
const SUBNETS = 256;
/** The first address of the services' network: the Service `kubernetes`. */
const API_SERVICE = '10.96.0.1';

/** The numbers of one cluster's network: nodes are 10.213.N.10 and up, the pods of each are a part of 10.214.N.0/24. */
export interface ClusterNetwork {
  readonly number: number;
  /** Bridge of the host that the nodes hang on. */
  readonly bridge: string;
  /** The host's own address on it. */
  readonly host: string;
}

export interface NodeNetwork {
  readonly netns: string;
  readonly address: string;
  /** Subnet of its pods. */
  readonly pods: string;
}

/** A network that neither the host nor another cluster uses; nothing is made yet. Throws ClusterError when all are taken. */
export async function reserveNetwork(cluster: string): Promise<ClusterNetwork> {
  const taken = await runProgram('ip', ['-brief', 'address']);
  const routes = await runProgram('ip', ['-4', 'route', 'show', 'table', 'all']);
  for (let number = 0; number < SUBNETS; number++) {
    const prefix = new RegExp(`grit-br-${number}\\b|\\b10\\.21[34]\\.${number}\\.`);
    if (prefix.test(taken) || prefix.test(routes) || !reserve('subnet', number, cluster)) continue;
    return { number, bridge: `grit-br-${number}`, host: `10.213.${number}.1` };
  }
  throw new ClusterError(`all networks from 10.213.0.0 to 10.213.${SUBNETS - 1}.0 are in use`);
}

export function planNode({ number }: ClusterNetwork, cluster: string, node: string, index: number): NodeNetwork {
  return {
    netns: `grit-${cluster}-${node}`,
    address: `10.213.${number}.${10 + index}`,
    pods: `10.214.${number}.${index * PODS_A_NODE}/26`,
  };
}

export async function makeBridge({ bridge, host }: ClusterNetwork): Promise<void> {
  await runProgram('ip', ['link', 'add', bridge, 'type', 'bridge']);
  await runProgram('ip', ['address', 'add', `${host}/24`, 'dev', bridge]);
  await runProgram('ip', ['link', 'set', bridge, 'up']);
}

/** The node's namespace with an interface on the bridge, and routes to the pods of the others. */
export async function connectNode(
  network: ClusterNetwork,
  node: NodeNetwork,
  index: number,
  others: readonly NodeNetwork[],
  apiPort: number,
): Promise<void> {
  const { netns, address, pods } = node;
  const link = `grit-v-${network.number}-${index}`;
  const inside = (...args: string[]): Promise<string> => runProgram('ip', ['-netns', netns, ...args]);
  await runProgram('ip', ['netns', 'add', netns]);
  await runProgram('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', netns]);
  await runProgram('ip', ['link', 'set', link, 'master', network.bridge, 'up']);
  await inside('link', 'set', 'lo', 'up');
  await inside('address', 'add', `${address}/24`, 'dev', 'eth0');
  await inside('link', 'set', 'eth0', 'up');
  await inside('route', 'add', 'default', 'via', network.host);
  for (const other of others) await inside('route', 'add', other.pods, 'via', other.address);
  // The host sends to pods, and only the node sends on: nothing of the host's own forwarding is changed.
  await runProgram('ip', ['route', 'add', pods, 'via', address]);
  const enter = [`--net=/run/netns/${netns}`];
  await runProgram('nsenter', [...enter, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
  // All that is needed of a kube-proxy: pods find the API server where their environment says.
  const server = ['--protocol', 'tcp', '--destination', API_SERVICE, '--dport', '443'];
  const translation = ['--jump', 'DNAT', '--to-destination', `${network.host}:${apiPort}`];
  for (const chain of ['PREROUTING', 'OUTPUT']) {
    await runProgram('nsenter', [...enter, 'iptables', '-w', '-t', 'nat', '-A', chain, ...server, ...translation]);
  }
}

/** Removes the bridge, its links and the namespaces, as far as there are any; routes go with them. */
export async function removeNetwork(bridge: string, namespaces: readonly string[]): Promise<void> {
  // A link goes with its namespace too, but some time after the command has returned.
  const { code, stdout } = await runForResult('ip', ['-brief', 'link', 'show', 'master', bridge]);
  const links = code === 0 ? stdout.split('\n').flatMap((line) => /^[^\s@]+/.exec(line) ?? []) : [];
  for (const link of [...links, bridge]) await runForResult('ip', ['link', 'delete', link]);
  for (const netns of namespaces) await runForResult('ip', ['netns', 'delete', netns]);
}
