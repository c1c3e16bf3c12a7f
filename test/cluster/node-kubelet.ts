// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './cluster-process.js';
import type { NodePlaces } from './node-places.js';

const HEALTH_PORT = 10248;

/** The kubelet of a node, as it comes. Writes its configuration. */
export function describeKubelet(node: NodePlaces): Program {
  const { name, directory, programs, kubeconfig, address } = node;
  const root = join(directory, 'kubelet');
  mkdirSync(root, { recursive: true });
  const config = join(directory, 'kubelet.json');
  writeFileSync(config, JSON.stringify(describeConfig(node), undefined, 2));
  const flags = [
    `--config=${config}`,
    `--kubeconfig=${kubeconfig}`,
    `--root-dir=${root}`,
    `--cert-dir=${join(directory, 'kubelet-certificates')}`,
    `--hostname-override=${name}`,
    `--node-ip=${address}`,
  ];
  return { name: `kubelet-${name}`, command: [...node.enter, join(programs.kubernetes, 'kubelet'), ...flags] };
}

/** Whether the kubelet at this address says that it is well. */
export async function isKubeletHealthy(address: string): Promise<boolean> {
  const answer = await fetch(`http://${address}:${HEALTH_PORT}/healthz`, { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  return answer?.ok === true;
}

function describeConfig({ directory, containerdSocket, cgroup, address }: NodePlaces): unknown {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: `unix://${containerdSocket}`,
    address,
    healthzBindAddress: address,
    healthzPort: HEALTH_PORT,
    // Only this machine reaches it; the API server of a test cluster has no certificate to show.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    oomScoreAdj: 0,
    makeIPTablesUtilChains: false,
    podLogsDir: join(directory, 'pod-logs'),
    volumePluginDir: join(directory, 'volume-plugins'),
    clusterDomain: 'cluster.local',
    clusterDNS: ['10.96.0.10'],
    maxPods: 60,
    // How full the disk of the machine is must not decide whether a test passes.
    evictionHard: {
      'memory.available': '1Mi',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
      'imagefs.inodesFree': '0%',
    },
    imageGCHighThresholdPercent: 100,
    imageMaximumGCAge: '0s',
  };
}
