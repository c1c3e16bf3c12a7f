// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {
  CHECKPOINTS,
  MIGRATIONS,
  NAMESPACES,
  PODS,
  REVISIONS,
  type Migration,
  type MigrationSpec,
} from '@grit/plugin-kubernetes';
import { clusterUnavailable } from '../../cluster/index.js';
import {
  deploymentObject,
  DEPLOYMENTS,
  jobObject,
  JOBS,
  podObject,
  STATEFUL_SETS,
  statefulSetObject,
} from '../../simulated/workload-objects.js';
import { startKubePlatform, type KubePlatform } from '../kubernetes/platform.js';
import { NAMESPACE, never, runningPods } from '../restore/checkpointed-pods.js';

describe('a Migration on a real API server', function () {
  this.timeout(240_000);
  let platform: KubePlatform;
  let stop = async (): Promise<void> => undefined;

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    platform = await startKubePlatform();
    stop = () => platform.stop();
  });

  after(() => stop());

  afterEach(() => {
    platform.barriers.openAll();
    const { violations, repeatedWork, history } = platform.observer;
    assert.deepEqual([violations, repeatedWork], [[], []], history.join('\n'));
  });

  const move = (name: string, spec: MigrationSpec, namespace = NAMESPACE): Promise<Migration> =>
    platform.create(MIGRATIONS, { metadata: { name, namespace }, spec });
  const ended = async (name: string): Promise<NonNullable<Migration['status']>> => {
    const phases = ['Succeeded', 'ReturnedToSource', 'Partial', 'Failed'];
    const { status } = await platform.untilPhase(MIGRATIONS, { name, namespace: NAMESPACE }, ...phases);
    assert.ok(status);
    return status;
  };

  it('of the pod of a Job: it goes on on another node', async () => {
    const { metadata } = await platform.create(JOBS, jobObject('job', NAMESPACE));
    const [pod] = await runningPods(platform, 'job');
    await move('job', { podName: pod?.metadata.name ?? '' });
    const status = await ended('job');
    assert.equal(status.phase, 'Succeeded', JSON.stringify(status));
    assert.notEqual(status.targetNode, pod?.spec.nodeName);
    assert.equal(platform.observer.freshStarts(metadata.uid ?? ''), 1);
  });

  it('of one pod of a StatefulSet: the pod of the same ordinal goes on', async () => {
    const { metadata } = await platform.create(STATEFUL_SETS, statefulSetObject('set', NAMESPACE, 3));
    await runningPods(platform, 'set', 3);
    await move('set', { podName: 'set-1' });
    const status = await ended('set');
    assert.deepEqual([status.phase, status.targetPod], ['Succeeded', 'set-1'], JSON.stringify(status));
    assert.equal(platform.observer.freshStarts(metadata.uid ?? ''), 3);
  });

  it('of a bare pod: it is made anew once, also by a controller that was killed', async () => {
    const before = await platform.create(PODS, podObject('bare', NAMESPACE));
    await runningPods(platform, 'bare');
    const barrier = platform.barriers.close('pod.end', { object: `${NAMESPACE}/bare` });
    const { metadata } = await move('bare', { podName: 'bare' });
    await barrier.reached;
    await platform.controller.kill();
    barrier.open();
    await platform.controller.start();
    const status = await ended('bare');
    assert.deepEqual([status.phase, status.targetPod], ['Succeeded', 'bare'], JSON.stringify(status));
    const [pod, ...more] = await runningPods(platform, 'bare');
    assert.notEqual(pod?.metadata.uid, before.metadata.uid);
    assert.deepEqual(more, []);
    assert.equal(platform.observer.freshStarts(`${NAMESPACE}/bare`), 1);
    const kept = { name: `grit-pod-${metadata.uid ?? ''}`, namespace: NAMESPACE };
    await platform.untilGone(REVISIONS, kept);
  });

  it('of the pods that a selector chooses: a child for each, some at a time, and each moves once', async () => {
    const { metadata } = await platform.create(DEPLOYMENTS, deploymentObject('many', NAMESPACE, 3));
    const before = await runningPods(platform, 'many', 3);
    await move('many', { selector: { matchLabels: { app: 'many' } }, parallelism: 1 });
    const status = await ended('many');
    assert.equal(status.phase, 'Succeeded', JSON.stringify(status));
    assert.deepEqual(status.pods, { total: 3, succeeded: 3, failed: 0, active: 0 });
    const uids = new Set(before.map((pod) => pod.metadata.uid));
    const after = await platform.untilAll(PODS, 'only successors run', (pods) => {
      const own = pods.filter((pod) => pod.metadata.labels?.['app'] === 'many');
      return own.length === 3 && own.every((pod) => !uids.has(pod.metadata.uid));
    });
    assert.ok(after.length >= 3);
    const owner = before[0]?.metadata.ownerReferences?.[0]?.uid ?? metadata.uid ?? '';
    assert.equal(platform.observer.freshStarts(owner), 3);
    const lines = (await platform.kubectl('get', 'migration', '--namespace', NAMESPACE)).trim().split('\n');
    assert.equal(lines.filter((line) => line.startsWith('many-')).length, 3);
  });

  it('is given up when the pod is not frozen by the deadline', async () => {
    await platform.create(JOBS, jobObject('late', NAMESPACE));
    const [pod] = await runningPods(platform, 'late');
    const barrier = platform.barriers.close('checkpoint.before', { object: `${NAMESPACE}/late` });
    // Another Checkpoint of the pod goes first and stands still, so that this one is not even begun.
    const first = { name: 'late-first', namespace: NAMESPACE };
    const still = platform.barriers.close('checkpoint.before', { object: `${NAMESPACE}/late-first` });
    await platform.create(CHECKPOINTS, { metadata: first, spec: { podName: pod?.metadata.name ?? '' } });
    await still.reached;
    await move('late', { podName: pod?.metadata.name ?? '', deadline: new Date(Date.now() + 10_000).toISOString() });
    const status = await ended('late');
    const outcome = status.conditions?.find(({ type }) => type === 'Succeeded');
    assert.deepEqual([status.phase, outcome?.reason], ['ReturnedToSource', 'DeadlineExceeded'], JSON.stringify(status));
    barrier.open();
    still.open();
    await platform.untilGone(CHECKPOINTS, { name: 'late', namespace: NAMESPACE });
    await platform.untilPhase(CHECKPOINTS, first, 'Checkpointed');
  });

  it('that is deleted in the middle lets the pod go on where it is', async () => {
    const { metadata } = await platform.create(JOBS, jobObject('dropped', NAMESPACE));
    const [pod] = await runningPods(platform, 'dropped');
    const barrier = platform.barriers.close('checkpoint.frozen', { object: `${NAMESPACE}/dropped` });
    const ref = { name: 'dropped', namespace: NAMESPACE };
    await move('dropped', { podName: pod?.metadata.name ?? '' });
    await barrier.reached;
    await platform.client.delete(MIGRATIONS, ref, {}, never);
    await platform.untilGone(CHECKPOINTS, ref);
    barrier.open();
    const [still] = await runningPods(platform, 'dropped');
    assert.equal(still?.metadata.uid, pod?.metadata.uid);
    assert.deepEqual(platform.observer.frozenPods, []);
    assert.equal(platform.observer.freshStarts(metadata.uid ?? ''), 1);
  });

  it('that is deleted once the pod was stopped still lets it go on', async () => {
    const { metadata } = await platform.create(JOBS, jobObject('stopped', NAMESPACE));
    const [pod] = await runningPods(platform, 'stopped');
    const barrier = platform.barriers.close('restore.before', { object: `${NAMESPACE}/stopped` });
    const ref = { name: 'stopped', namespace: NAMESPACE };
    await move('stopped', { podName: pod?.metadata.name ?? '' });
    await barrier.reached;
    await platform.client.delete(MIGRATIONS, ref, {}, never);
    await platform.untilGone(MIGRATIONS, ref);
    barrier.open();
    const [next] = await runningPods(platform, 'stopped');
    assert.notEqual(next?.metadata.uid, pod?.metadata.uid);
    assert.equal(platform.observer.freshStarts(metadata.uid ?? ''), 1);
    await platform.untilGone(CHECKPOINTS, ref);
  });

  it('does not keep its namespace from being deleted, wherever it is', async () => {
    for (const point of ['checkpoint.frozen', 'restore.fetched'] as const) {
      const namespace = `gone-${point.replace('.', '-')}`;
      await platform.create(NAMESPACES, { metadata: { name: namespace } });
      await platform.create(JOBS, jobObject(namespace, namespace));
      const [pod] = await runningPods(platform, namespace);
      const barrier = platform.barriers.close(point, { object: `${namespace}/${namespace}` });
      await move(namespace, { podName: pod?.metadata.name ?? '' }, namespace);
      await barrier.reached;
      await platform.client.delete(NAMESPACES, { name: namespace }, {}, never);
      await platform.untilGone(NAMESPACES, { name: namespace });
      barrier.open();
    }
    assert.deepEqual(platform.observer.frozenPods, []);
  });
});
