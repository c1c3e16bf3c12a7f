// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm } from 'node:fs/promises';
import { EmbeddedRedis, openJobQueue } from '@grit/queue';
import {
  KubeClient,
  runNodeAgent,
  type NodeAgentOptions,
  type NodeHandlers,
  type StepHandler,
} from '@grit/plugin-kubernetes';
import { MemoryLogger } from '@grit/plugin-testing';
import { startCluster, type Cluster } from '../../cluster/index.js';
import { ControllerProcess } from '../kubernetes/controller-process.js';
import { installGrit } from '../kubernetes/install.js';

type NodeReport = Awaited<ReturnType<NodeAgentOptions['facts']>>;

const NAMESPACE = 'grit-system';
const NODES = ['node-a', 'node-b'];
const MIB = 2 ** 20;

/** Two real nodes with stock containerd and kubelet, the controller as a process; only what an agent does to processes is simulated. */
export interface RealPlatform {
  readonly cluster: Cluster;
  readonly controller: ControllerProcess;
  stop(): Promise<void>;
}

export async function startRealPlatform(signal: AbortSignal): Promise<RealPlatform> {
  const stops: (() => Promise<unknown>)[] = [];
  const end = new AbortController();
  const stop = async (): Promise<void> => {
    end.abort();
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const cluster = await startCluster({ nodes: NODES }, signal);
    stops.push(() => cluster.stop());
    // Short: the paths of sockets are limited to 107 bytes.
    const directory = await mkdtemp('/var/tmp/grit-');
    stops.push(() => rm(directory, { recursive: true, force: true }));
    await installGrit(cluster, signal);
    await cluster.kubectlApply(RUNTIME_CLASS);
    const redis = await EmbeddedRedis.start({ stateDirectory: directory }, signal);
    stops.push(() => redis.stop());
    const queue = await openJobQueue(redis.endpoint);
    stops.push(() => queue.close());
    const agents: Promise<void>[] = [];
    for (const node of NODES) {
      const kubeconfig = await cluster.kubeconfigFor({ namespace: NAMESPACE, name: 'grit-agent' }, { node });
      const client = KubeClient.fromConfig({ kubeconfig, userAgent: 'grit-agent' });
      stops.push(() => client.close());
      const logger = new MemoryLogger();
      const facts = async (): Promise<NodeReport> => Promise.resolve({ facts: FACTS });
      const options = { client, queue, node, handlers: HANDLERS, facts, namespace: NAMESPACE, logger };
      agents.push(runNodeAgent({ ...options, signal: end.signal }));
    }
    stops.push(() => Promise.allSettled(agents));
    const controller = await ControllerProcess.make({
      name: 'controller',
      directory,
      redisOf: directory,
      kubeconfig: await cluster.kubeconfigFor({ namespace: NAMESPACE, name: 'grit-controller' }),
      address: cluster.address,
      config: { claimPod: { image: 'localhost/pause:1' } },
    });
    stops.push(() => controller.kill());
    await controller.start();
    return { cluster, controller, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const RUNTIME_CLASS = JSON.stringify({
  apiVersion: 'node.k8s.io/v1',
  kind: 'RuntimeClass',
  metadata: { name: 'grit' },
  handler: 'grit',
});

const FACTS = {
  arch: 'amd64',
  kernel: '6.18.0',
  cgroup: 'v1' as const,
  containerd: '2.4.2',
  runc: '1.5.2',
  criu: '4.2.1',
  cpuFlags: ['fpu', 'sse2'],
  lsm: 'none',
  freeBytes: 2 ** 40,
};

const checkpoint: StepHandler = ({ object, step }, { onProgress }) => {
  onProgress({ phase: 'store', doneBytes: 64 * MIB, totalBytes: 64 * MIB });
  const id = `ck-${object.metadata.uid ?? ''}`;
  const image = { id, size: 64 * MIB, stored: 16 * MIB, digest: `sha256:${'0'.repeat(64)}` };
  return Promise.resolve({ image, held: step.hold === true, timings: [{ phase: 'dump', ms: 40 }] });
};

const nothing: StepHandler = () => Promise.resolve({});

const HANDLERS: NodeHandlers = {
  checkpoint,
  release: nothing,
  abort: nothing,
  restore: () => Promise.resolve({ outcome: 'Restored', timings: [{ phase: 'restore', ms: 30 }] }),
  'start-fresh': () => Promise.resolve({ outcome: 'ColdStarted' }),
  probeStore: () => Promise.resolve(),
};
