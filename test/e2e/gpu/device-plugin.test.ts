// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { clusterUnavailable, pythonImage, pythonUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import { until } from '../../cluster/until.js';
import { asList } from '../../workloads/manifests.js';
import { provideImages, provideShared } from '../../workloads/provide.js';
import { gpuContainer, gpuPod, gpuPodSpec, type GpuCounter } from './gpu-count.js';
import { checkGpuLog, readGpuLog } from './gpu-log.js';
import { NodeGpus } from './node-gpus.js';
import { simGpuUnavailable } from './sim-gpu-unavailable.js';

const NODES = ['node-a', 'node-b'] as const;

describe('simulated GPUs of nodes, offered to their kubelets', function () {
  this.timeout(600_000);
  let signal: AbortSignal;
  let cluster: Cluster;
  let shared: string;
  let gpus: ReadonlyMap<string, NodeGpus> = new Map();

  before(async function () {
    // Not while the files are loaded: other suites may run for long before.
    signal = AbortSignal.timeout(900_000);
    const reason =
      (await clusterUnavailable({ nodes: NODES })) ?? (await pythonUnavailable(signal)) ?? (await simGpuUnavailable());
    if (reason !== undefined) this.skip(reason);
    cluster = await startCluster({ nodes: NODES }, signal);
    const started = NODES.map(async (name, index) => {
      const options = { gpus: 2, minorBase: index * 4 };
      return [name, await NodeGpus.start(cluster.node(name), options, signal)] as const;
    });
    gpus = new Map(await Promise.all(started));
    await provideImages(cluster, NODES, [await pythonImage(signal)]);
    shared = await provideShared(cluster);
    await Promise.all([...gpus.values()].map((each) => each.untilAllocatable(cluster)));
  });

  after(async () => {
    for (const each of gpus.values()) await each.stop();
    // Skipped: there is none.
    await (cluster as Cluster | undefined)?.stop();
  });

  async function untilItCounts(counter: GpuCounter): Promise<void> {
    await until(`${counter.log} has steps`, signal, async () => readGpuLog(shared, counter).length > 2);
  }

  it('a pod counts on a GPU of the node where it is, and on no other', async () => {
    const counters = NODES.map((log, seed) => ({ log, seed }));
    const pods = counters.map((counter) => gpuPod(counter.log, [gpuContainer('count', [counter])], counter.log));
    await cluster.kubectlApply(asList(...pods));
    for (const counter of counters) {
      await untilItCounts(counter);
      const used = checkGpuLog(shared, counter);
      assert.equal(used.length, 1);
      assert.ok(gpus.get(counter.log)!.uuids.includes(used[0]!), `${String(used[0])} is none of ${counter.log}`);
    }
    const all = [...gpus.values()].flatMap(({ uuids }) => uuids);
    assert.equal(new Set(all).size, 4);
  });

  it('what is taken is not given again, also not by a kubelet that was killed and started again', async () => {
    const [node] = NODES;
    const { plugin } = gpus.get(node)!;
    const { listed } = plugin;
    await cluster.node(node).stop();
    await cluster.node(node).start();
    await plugin.untilListed(listed + 1, signal);
    await gpus.get(node)!.untilAllocatable(cluster);
    const second = { log: 'second', seed: 2 };
    const third = { log: 'third', seed: 3 };
    await cluster.kubectlApply(asList(gpuPod('second', [gpuContainer('count', [second])], node)));
    await untilItCounts(second);
    assert.notDeepEqual(checkGpuLog(shared, second), checkGpuLog(shared, { log: node, seed: 0 }));
    // Both of this node are taken now.
    await cluster.kubectlApply(asList(gpuPod('third', [gpuContainer('count', [third])], node)));
    await cluster.kubectl('wait', 'pod/third', '--for=condition=PodScheduled=False', '--timeout=180s');
    await cluster.kubectl('delete', 'pod/second', '--timeout=180s');
    await untilItCounts(third);
    assert.deepEqual(checkGpuLog(shared, third), checkGpuLog(shared, second));
  });

  it('pods of a Deployment are placed where a GPU is free', async () => {
    const counter = { log: 'deployed', seed: 4 };
    const labels = { app: 'deployed' };
    const template = {
      metadata: { labels },
      spec: { ...gpuPodSpec([gpuContainer('count', [counter])]), restartPolicy: 'Always' },
    };
    const deployment = { replicas: 1, selector: { matchLabels: labels }, template };
    const metadata = { name: 'deployed', namespace: 'default' };
    await cluster.kubectlApply(asList({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: deployment }));
    await untilItCounts(counter);
    // The two of node-a are taken.
    const [used = ''] = checkGpuLog(shared, counter);
    assert.ok(gpus.get('node-b')!.uuids.includes(used), `${used} is none of node-b`);
  });
});
