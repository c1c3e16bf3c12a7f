// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildModule } from './binaries.js';
import { makeCgroup } from './cgroups.js';
import type { ApiAccess } from './api-request.js';
import { ClusterError } from './cluster-error.js';
import { ClusterProcess } from './cluster-process.js';
import { writeRecord, type ClusterRecord } from './cluster-record.js';
import type { Credentials } from './credentials.js';
import { writeKubeconfig } from './kubeconfig.js';
import { writeImages } from './node-images.js';
import {
  connectNode,
  makeBridge,
  MOST_NODES,
  planNode,
  reserveNetwork,
  type ClusterNetwork,
  type NodeNetwork,
} from './node-network.js';
import { describeNodeRoot, findReadyFile, makeNodeDirectory } from './node-root.js';
import { RunningNode } from './running-node.js';
import { until } from './until.js';

/** What the nodes of a cluster are to have, written down in its record. */
export interface NodePlan {
  /** Whether containerd has the handler `grit` from the start. */
  readonly handler: boolean;
  readonly record: ClusterRecord;
  readonly network: ClusterNetwork;
  readonly nodes: readonly (NodeNetwork & { readonly name: string; readonly cgroup: string })[];
}

/** Plans the nodes and makes their bridge, so that the API server can listen on it. Throws ClusterError. */
export async function planNodes(claimed: ClusterRecord, names: readonly string[], handler: boolean): Promise<NodePlan> {
  checkNames(names);
  const network = await reserveNetwork(claimed.name);
  const nodes = names.map((name, index) => ({
    name,
    cgroup: `/grit-cluster-${claimed.name}/${name}`,
    ...planNode(network, claimed.name, name, index),
  }));
  const record = { ...claimed, bridge: network.bridge, nodes };
  writeRecord(record);
  await makeBridge(network);
  return { handler, record, network, nodes };
}

/** Starts the nodes beside each other; resolves when all are Ready. */
export async function startNodes(
  { handler, record, network, nodes }: NodePlan,
  access: Omit<ApiAccess, 'token'>,
  credentials: Credentials,
  kubectl: (args: readonly string[]) => Promise<string>,
  signal: AbortSignal,
): Promise<RunningNode[]> {
  const programs = {
    kubernetes: await buildModule('kubernetes', signal),
    containerd: await buildModule('containerd', signal),
    runc: await buildModule('runc', signal),
    cni: await buildModule('cni', signal),
    pause: await buildModule('pause', signal),
  };
  const images = await writeImages(join(record.directory, 'images'), programs.pause);
  const start = async (node: (typeof nodes)[number], index: number): Promise<RunningNode> => {
    const { name, netns } = node;
    const others = nodes.filter((other) => other !== node);
    await connectNode(network, node, index, others, Number(new URL(access.server).port));
    makeCgroup(node.cgroup);
    const directory = join(record.directory, 'nodes', name);
    await makeNodeDirectory(directory);
    const root = new ClusterProcess(record, describeNodeRoot(name, directory, programs.pause));
    root.start();
    await until(`the mounts of node ${name} are made`, signal, async () => {
      root.checkRunning();
      return existsSync(findReadyFile(directory));
    });
    const token = credentials.nodes[name] ?? '';
    const places = {
      ...node,
      handler,
      directory,
      programs,
      containerdSocket: join(directory, 'containerd.sock'),
      kubeconfig: writeKubeconfig(join(record.directory, `${name}.kubeconfig`), { ...access, token }),
      // Not `ip netns exec`, which would hide the cgroups behind a /sys of its own.
      enter: ['nsenter', `--target=${root.pid}`, '--mount', `--net=/run/netns/${netns}`],
    };
    const running = new RunningNode(record, places, images, kubectl, signal);
    await running.start();
    return running;
  };
  // All of them, also where one fails: whoever removes the cluster then must not be overtaken by another node's start.
  const results = await Promise.allSettled(nodes.map(start));
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

function checkNames(names: readonly string[]): void {
  if (names.length > MOST_NODES) throw new ClusterError(`a test cluster has at most ${MOST_NODES} nodes`);
  if (new Set(names).size < names.length) throw new ClusterError('two nodes have the same name');
  for (const name of names) {
    if (!/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/.test(name)) {
      throw new ClusterError(`${name}: the name of a node is at most 32 of a-z, 0-9 and -`);
    }
  }
}
