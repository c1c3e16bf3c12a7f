// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {
  CHECKPOINTS,
  GRIT_NODES,
  KEYS,
  PODS,
  RESTORES,
  type Checkpoint,
  type Pod,
  type ResourceType,
  type Restore,
  type Step,
} from '@grit/plugin-kubernetes';
import { clusterUnavailable } from '../../cluster/index.js';
import { podObject } from '../../simulated/workload-objects.js';
import { startKubePlatform, type KubePlatform } from '../kubernetes/platform.js';

const namespace = 'default';
const never = new AbortController().signal;

/** No controller runs: the test orders the steps. */
describe('simulated agents on a real control plane', function () {
  this.timeout(240_000);
  let platform: KubePlatform;
  let started: KubePlatform | undefined;

  /** Writes an order and the facts that go with it, wakes the node, and waits for the final report. */
  const order = async <T extends Checkpoint | Restore>(
    type: ResourceType<T>,
    name: string,
    step: Pick<Step, 'name' | 'node'> & Partial<Step>,
    facts: object,
  ): Promise<NonNullable<NonNullable<T['status']>['report']>> => {
    const token = `${name}-${step.name}`;
    const whole = { token, attempt: 1, orderedAt: new Date().toISOString(), ...step };
    const body = { status: { ...facts, step: whole } };
    const { metadata } = await platform.client.patch(type, { namespace, name }, body, { subresource: 'status' }, never);
    const job = { apiVersion: 'grit.dev/v1', kind: type.kind, namespace, name, uid: metadata.uid ?? '', token };
    await platform.queue.submit(`node-${step.node}`, 'kube-step', job, { id: token, attempts: 1 }, never);
    const { status } = await platform.until(type, { namespace, name }, `has answered ${step.name}`, (object) => {
      const { report } = object.status ?? {};
      return report?.token === token && report.phase !== 'Running';
    });
    assert.ok(status?.report);
    return status.report;
  };

  const startPod = async (name: string, annotations?: Record<string, string>): Promise<Pod> => {
    const pod = podObject(name, namespace);
    const metadata = { ...pod.metadata, ...(annotations === undefined ? {} : { annotations }) };
    await platform.create(PODS, { ...pod, metadata });
    const there = ({ status }: Pod): boolean => (status?.containerStatuses?.length ?? 0) > 0;
    return platform.until(PODS, { namespace, name }, 'is on its node', there);
  };

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    platform = await startKubePlatform({ controller: false, nodes: ['sim-a', 'sim-b'] });
    started = platform;
  });

  after(async () => {
    await started?.stop();
  });

  it('publish their nodes', async () => {
    await platform.untilAll(
      GRIT_NODES,
      'both are published',
      (nodes) => nodes.length === 2 && nodes.every(({ status }) => status?.facts?.criu === '4.2.1'),
    );
  });

  it('checkpoint a pod, hold it, and restore it in another one once it is gone', async () => {
    const source = await startPod('source');
    const { uid = '' } = source.metadata;
    await platform.create(CHECKPOINTS, { metadata: { name: 'held', namespace }, spec: { podName: 'source' } });
    const node = source.spec.nodeName ?? '';
    const frozen = platform.barriers.close('checkpoint.frozen', { node, object: `${namespace}/held` });
    const report = order(CHECKPOINTS, 'held', { name: 'checkpoint', node, hold: true }, { podUID: uid });
    await frozen.reached;
    assert.deepEqual(
      platform.observer.frozenPods.map((pod) => pod.uid),
      [uid],
    );
    frozen.open();
    const { phase, held, image } = await report;
    assert.deepEqual({ phase, held }, { phase: 'Succeeded', held: true });
    assert.equal(image?.size, 2 ** 20);

    await platform.client.delete(PODS, source.metadata, {}, never);
    await platform.untilGone(PODS, source.metadata);
    const target = await startPod('target', { [KEYS.restoreName]: 'next' });
    await platform.create(RESTORES, { metadata: { name: 'next', namespace }, spec: { checkpointName: 'held' } });
    const restored = await order(
      RESTORES,
      'next',
      { name: 'restore', node: target.spec.nodeName ?? '' },
      { targetPodUID: target.metadata.uid },
    );
    assert.equal(restored.outcome, 'Restored', JSON.stringify(restored));
    await platform.until(PODS, target.metadata, 'runs', ({ status }) => status?.phase === 'Running');
    assert.deepEqual(platform.observer.violations, []);
    assert.deepEqual(platform.observer.repeatedWork, []);
  });

  it('leave a pod frozen when they die, and go on when they are back', async () => {
    const pod = await startPod('survivor');
    const node = pod.spec.nodeName ?? '';
    await platform.create(CHECKPOINTS, { metadata: { name: 'survives', namespace }, spec: { podName: 'survivor' } });
    const frozen = platform.barriers.close('checkpoint.frozen', { object: `${namespace}/survives` });
    const report = order(CHECKPOINTS, 'survives', { name: 'checkpoint', node }, { podUID: pod.metadata.uid });
    await frozen.reached;
    await platform.agents.stop(node);
    assert.equal(platform.observer.frozenPods.length, 1);
    frozen.open();
    platform.agents.start(node);
    assert.equal((await report).phase, 'Succeeded');
    assert.deepEqual(platform.observer.frozenPods, []);
    assert.deepEqual(platform.observer.violations, []);
  });

  it('report what goes wrong, and the pod runs on', async () => {
    const pod = await startPod('elsewhere');
    const node = platform.nodes.names.find((name) => name !== pod.spec.nodeName) ?? '';
    await platform.create(CHECKPOINTS, { metadata: { name: 'wrong', namespace }, spec: { podName: 'elsewhere' } });
    const report = await order(CHECKPOINTS, 'wrong', { name: 'checkpoint', node }, { podUID: pod.metadata.uid });
    assert.equal(report.phase, 'Failed');
    assert.equal(report.error?.code, 'GRIT_WORKLOAD_NOT_RUNNING');
    assert.equal(platform.nodes.kubelets.processes.isLiving(pod.metadata.uid ?? ''), true);
    assert.deepEqual(platform.observer.violations, []);
  });
});
