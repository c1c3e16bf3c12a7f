// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { KEYS, KubeClient, NODES, PODS, type Pod } from '@grit/plugin-kubernetes';
import { MemoryLogger } from '@grit/plugin-testing';
import { clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import { isReady } from '../../simulated/node-object.js';
import { SimulatedNodes } from '../../simulated/simulated-nodes.js';
import { deploymentObject, DEPLOYMENTS, jobObject, JOBS, podObject } from '../../simulated/workload-objects.js';
import { ObjectWatch } from '../kubernetes/object-watch.js';

const WITHIN_MS = 90_000;
const never = new AbortController().signal;

describe('simulated nodes on a real control plane', function () {
  this.timeout(180_000);
  let cluster: Cluster;
  let client: KubeClient;
  let nodes: SimulatedNodes;
  let watch: ObjectWatch;
  /** What was started, the newest last. */
  const stops: (() => unknown)[] = [];

  const podsOf = (app: string, what: string, predicate: (pods: readonly Pod[]) => boolean): Promise<readonly Pod[]> => {
    const own = (pods: readonly Pod[]): readonly Pod[] =>
      pods.filter(({ metadata }) => metadata.labels?.['app'] === app);
    return watch.untilAll(PODS, what, (pods) => predicate(own(pods)), WITHIN_MS).then(own);
  };
  const isRunning = ({ status }: Pod): boolean => status?.phase === 'Running';

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    cluster = await startCluster({}, AbortSignal.timeout(170_000));
    stops.push(() => cluster.stop());
    client = KubeClient.fromConfig({ kubeconfig: cluster.kubeconfig });
    stops.push(() => client.close());
    const logger = new MemoryLogger();
    watch = new ObjectWatch(client, logger);
    stops.push(() => watch.stop());
    nodes = await SimulatedNodes.start({ client, names: ['sim-a', 'sim-b'], logger }, never);
    stops.push(() => nodes.stop());
  });

  after(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  it('are ready, and stay so when the node lifecycle controller has doubts', async () => {
    const ready = (): Promise<unknown> =>
      watch.untilAll(NODES, 'both are ready', (all) => all.length === 2 && all.every(isReady), WITHIN_MS);
    await ready();
    const unknown = { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } };
    await client.patch(NODES, { name: 'sim-a' }, unknown, { subresource: 'status' }, never);
    await ready();
  });

  it('run the pod of a Job to its end', async () => {
    const { metadata } = await client.create(JOBS, jobObject('ends', 'default', { runMs: 50 }), {}, never);
    await watch.until(JOBS, metadata, 'is complete', (job) => job?.status?.['succeeded'] === 1, WITHIN_MS);
    assert.equal(nodes.observer.freshStarts(metadata.uid ?? ''), 1);
  });

  it('end a deleted pod, frozen or not, and its owner makes another one', async () => {
    await client.create(DEPLOYMENTS, deploymentObject('serve', 'default', 2), {}, never);
    const first = await podsOf('serve', 'two pods run', (pods) => pods.filter(isRunning).length === 2);
    assert.equal(new Set(first.map(({ status }) => status?.podIP)).size, 2);
    const [frozen] = first;
    nodes.kubelets.processes.freeze(frozen?.metadata.uid ?? '', frozen?.spec.nodeName ?? '');
    for (const { metadata } of first) await client.delete(PODS, metadata, {}, never);
    const gone = first.map(({ metadata }) => metadata.uid);
    await podsOf(
      'serve',
      'two others run, and no more',
      (pods) => pods.length === 2 && pods.every((pod) => isRunning(pod) && !gone.includes(pod.metadata.uid)),
    );
    for (const uid of gone) assert.equal(nodes.kubelets.processes.isLiving(uid ?? ''), false);
  });

  it('hold a pod that has taken a Restore until its gate is opened', async () => {
    const pod = podObject('gated', 'default');
    const annotations = { [KEYS.restoreName]: 'some-restore' };
    const { metadata } = await client.create(PODS, { ...pod, metadata: { ...pod.metadata, annotations } }, {}, never);
    const [waiting] = await podsOf(
      'gated',
      'it waits on its node',
      ([gated]) => gated?.status?.containerStatuses !== undefined,
    );
    const { phase, containerStatuses } = waiting?.status ?? {};
    assert.equal(phase, 'Pending');
    assert.equal(containerStatuses?.[0]?.state?.['waiting']?.reason, 'ContainerCreating');
    assert.equal(nodes.kubelets.processes.has(metadata.uid ?? ''), false);
    await nodes.kubelets.openGate(metadata.uid ?? '', undefined);
    await podsOf('gated', 'it runs', ([gated]) => gated?.status?.phase === 'Running');
  });

  it('are forgiving of an API server that was away', async () => {
    const { metadata } = await client.create(JOBS, jobObject('outlives', 'default'), {}, never);
    await podsOf('outlives', 'it runs', (pods) => pods.some(isRunning));
    await cluster.apiServer.kill();
    await cluster.apiServer.start();
    await client.delete(JOBS, metadata, { propagation: 'Background' }, never);
    await podsOf('outlives', 'it is gone', (pods) => pods.length === 0);
    assert.deepEqual(nodes.observer.violations, []);
  });
});
