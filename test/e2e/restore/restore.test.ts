// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { GritError } from '@grit/plugin-api';
import {
  CHECKPOINTS,
  EVENTS,
  FINALIZER,
  KEYS,
  PODS,
  RESTORES,
  type KubeObject,
  type ResourceType,
} from '@grit/plugin-kubernetes';
import { clusterUnavailable } from '../../cluster/index.js';
import { deploymentObject, DEPLOYMENTS } from '../../simulated/workload-objects.js';
import type { StepAt } from '../../simulated/simulated-handlers.js';
import { startKubePlatform, type KubePlatform } from '../kubernetes/platform.js';
import {
  checkpointedDeployment,
  checkpointedJob,
  deletePod,
  ended,
  NAMESPACE,
  never,
  restoreByHand,
  runningPods,
  targetOf,
  until,
} from './checkpointed-pods.js';

/** What goes wrong, by the name of the Restore. */
function failures({ point, object, attempt }: StepAt): Error | undefined {
  if (point !== 'restore.before') return undefined;
  if (object === `${NAMESPACE}/flaky` && attempt <= 2) {
    return new GritError('GRIT_STORAGE_UNAVAILABLE', 'the store does not answer');
  }
  if (object.startsWith(`${NAMESPACE}/damaged-`)) {
    return new GritError('GRIT_IMAGE_PART_CORRUPT', 'part pages is damaged');
  }
  return undefined;
}

describe('a Restore on a real API server', function () {
  this.timeout(240_000);
  let platform: KubePlatform;
  let stop = async (): Promise<void> => undefined;

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    platform = await startKubePlatform({ agents: { failures } });
    stop = () => platform.stop();
  });

  after(() => stop());

  afterEach(() => {
    platform.barriers.openAll();
    assert.deepEqual(platform.observer.violations, []);
  });

  it('of the prototype: a Checkpoint, a Restore by hand, the pod deleted, and the next pod of its owner goes on', async () => {
    const job = await checkpointedJob(platform, 'seed');
    await restoreByHand(platform, 'seed');
    await deletePod(platform, job.pod);
    const restore = await ended(platform, 'seed');
    assert.equal(restore.status?.phase, 'Restored', JSON.stringify(restore.status));
    const pod = await targetOf(platform, restore);
    assert.equal(pod.spec.nodeName, restore.status.nodeName);
    const marked = await platform.until(
      RESTORES,
      { name: 'seed', namespace: NAMESPACE },
      'is let go',
      ({ metadata }) => !(metadata.finalizers ?? []).includes(FINALIZER),
    );
    assert.equal(marked.metadata.annotations?.[KEYS.podSelected], 'true');
    assert.equal(platform.observer.freshStarts(job.uid), 1);
  });

  it('orders nothing while the pod that was checkpointed runs', async () => {
    const { pod: source } = await checkpointedDeployment(platform, 'twice');
    await restoreByHand(platform, 'twice');
    await platform.kubectl('scale', 'deployment', 'twice', '--namespace', NAMESPACE, '--replicas', '2');
    const waiting = await until(platform, 'twice', 'waits for its source', ({ conditions }) =>
      (conditions ?? []).some(({ type }) => type === 'SourceRunning'),
    );
    assert.equal(waiting.status?.step, undefined);
    await deletePod(platform, source);
    assert.equal((await ended(platform, 'twice')).status?.phase, 'Restored');
  });

  it('is taken by another pod when the first one dies before it was restored', async () => {
    const workload = await checkpointedDeployment(platform, 'dies');
    await restoreByHand(platform, 'dies');
    const barrier = platform.barriers.close('restore.fetched', { object: `${NAMESPACE}/dies` });
    await deletePod(platform, workload.pod);
    await barrier.reached;
    const first = await platform.client.get(RESTORES, { name: 'dies', namespace: NAMESPACE }, never);
    await deletePod(platform, await targetOf(platform, first));
    await until(
      platform,
      'dies',
      'has another pod',
      ({ targetPodUID }) => targetPodUID !== undefined && targetPodUID !== first.status?.targetPodUID,
    );
    barrier.open();
    const restore = await ended(platform, 'dies');
    assert.equal(restore.status?.phase, 'Restored', JSON.stringify(restore.status));
    assert.ok((restore.status.failures ?? 0) >= 1);
    assert.equal(platform.observer.freshStarts(workload.uid), 1);
  });

  it('that fails is tried again', async () => {
    const workload = await checkpointedDeployment(platform, 'flaky');
    await restoreByHand(platform, 'flaky');
    await deletePod(platform, workload.pod);
    const { status } = await ended(platform, 'flaky');
    assert.deepEqual([status?.phase, status?.failures, status?.error], ['Restored', 2, undefined]);
  });

  it('that fails for good keeps its pod from starting; fallback fresh, said later, lets it start fresh', async () => {
    const workload = await checkpointedDeployment(platform, 'damaged-none');
    await restoreByHand(platform, 'damaged-none');
    await deletePod(platform, workload.pod);
    const failed = await ended(platform, 'damaged-none');
    assert.equal(failed.status?.phase, 'Failed');
    assert.equal(failed.status.error?.code, 'GRIT_IMAGE_PART_CORRUPT');
    assert.equal((await targetOf(platform, failed)).status?.phase, 'Pending');
    assert.equal(platform.observer.freshStarts(workload.uid), 1);
    const ref = { name: 'damaged-none', namespace: NAMESPACE };
    await platform.client.patch(RESTORES, ref, { spec: { fallback: 'fresh' } }, {}, never);
    await platform.untilPhase(RESTORES, ref, 'ColdStarted');
    assert.equal(platform.observer.freshStarts(workload.uid), 2);
  });

  it('that fails for good starts its pod fresh where fallback says so, and says the truth', async () => {
    const workload = await checkpointedDeployment(platform, 'damaged-fresh');
    await restoreByHand(platform, 'damaged-fresh', { fallback: 'fresh' });
    await deletePod(platform, workload.pod);
    const { status } = await ended(platform, 'damaged-fresh');
    assert.deepEqual([status?.phase, status?.error?.code], ['ColdStarted', 'GRIT_IMAGE_PART_CORRUPT']);
    assert.equal(platform.observer.freshStarts(workload.uid), 2);
  });

  it('that is deleted in the middle is kept until the node has let go', async () => {
    const workload = await checkpointedDeployment(platform, 'deleted');
    await restoreByHand(platform, 'deleted');
    const ref = { name: 'deleted', namespace: NAMESPACE };
    const restoring = platform.barriers.close('restore.fetched', { object: `${NAMESPACE}/deleted` });
    const aborting = platform.barriers.close('abort.before', { object: `${NAMESPACE}/deleted` });
    await deletePod(platform, workload.pod);
    await restoring.reached;
    await platform.client.delete(RESTORES, ref, {}, never);
    await aborting.reached;
    const { metadata } = await platform.client.get(RESTORES, ref, never);
    assert.deepEqual(metadata.finalizers, [FINALIZER]);
    aborting.open();
    await platform.untilGone(RESTORES, ref);
    assert.equal(platform.observer.freshStarts(workload.uid), 1);
  });

  /** A Restore waits for a pod, and its Checkpoint is being deleted. */
  async function checkpointDeletedUnderRestore(
    ref: Readonly<Record<'name' | 'namespace', string>>,
  ): ReturnType<typeof checkpointedDeployment> {
    const workload = await checkpointedDeployment(platform, ref.name);
    await restoreByHand(platform, ref.name);
    await platform.until(
      CHECKPOINTS,
      ref,
      'is kept',
      ({ metadata }) => metadata.finalizers?.includes(FINALIZER) === true,
    );
    await platform.client.delete(CHECKPOINTS, ref, {}, never);
    return workload;
  }

  it('whose Checkpoint is deleted keeps it until the pod goes on', async () => {
    const ref = { name: 'kept', namespace: NAMESPACE };
    const workload = await checkpointDeletedUnderRestore(ref);
    await platform.until(CHECKPOINTS, ref, 'says why it stays', ({ status }) =>
      (status?.conditions ?? []).some(({ type, reason }) => type === 'Waiting' && reason === 'RestoreNeedsIt'),
    );
    await deletePod(platform, workload.pod);
    assert.equal((await ended(platform, 'kept')).status?.phase, 'Restored');
    await platform.untilGone(CHECKPOINTS, ref);
    assert.equal(platform.observer.freshStarts(workload.uid), 1);
  });

  for (const propagationPolicy of ['Background', 'Foreground'] as const) {
    it(`of a move survives its Checkpoint, deleted in the middle (${propagationPolicy}), and goes with it afterwards`, async () => {
      const name = `moves-${propagationPolicy.toLowerCase()}`;
      await platform.create(DEPLOYMENTS, deploymentObject(name, NAMESPACE, 1));
      const [pod] = await runningPods(platform, name);
      const fetching = platform.barriers.close('restore.before', { object: `${NAMESPACE}/${name}` });
      const ref = { name, namespace: NAMESPACE };
      await platform.create(CHECKPOINTS, {
        metadata: ref,
        spec: { podName: pod?.metadata.name ?? '', autoMigration: true },
      });
      await fetching.reached;
      const cascade = `--cascade=${propagationPolicy.toLowerCase()}`;
      await platform.kubectl('delete', 'checkpoint', name, '--namespace', NAMESPACE, '--wait=false', cascade);
      await platform.until(CHECKPOINTS, ref, 'says why it stays', ({ status }) =>
        (status?.conditions ?? []).some(({ reason }) => reason === 'RestoreNeedsIt'),
      );
      fetching.open();
      await platform.untilGone(CHECKPOINTS, ref);
      await platform.untilGone(RESTORES, ref);
      const [next] = await runningPods(platform, name);
      assert.equal(next?.metadata.annotations?.[KEYS.restoreName], name);
      assert.equal(platform.observer.freshStarts(pod?.metadata.ownerReferences?.[0]?.uid ?? ''), 1);
    });
  }

  it('whose Checkpoint is gone against all that holds it has failed, and no pod starts fresh behind its back', async () => {
    const ref = { name: 'lost', namespace: NAMESPACE };
    const workload = await checkpointDeletedUnderRestore(ref);
    await platform.client.patch(CHECKPOINTS, ref, { metadata: { finalizers: null } }, {}, never);
    const failed = await ended(platform, 'lost');
    const said = failed.status?.conditions?.find(({ type }) => type === 'Failed');
    assert.equal(said?.reason, 'CheckpointNotFound');
    assert.match(said.message, /No pod like it starts from the beginning meanwhile.*kubectl delete restore lost/);
    await deletePod(platform, workload.pod);
    await platform.untilAll<Refusal>(REFUSALS, 'the new pod was refused', (events) =>
      events.some(
        ({ reason, message = '' }) => reason === 'FailedCreate' && message.includes('Restore lost waits for this pod'),
      ),
    );
    assert.equal(platform.observer.freshStarts(workload.uid), 1);
    await platform.client.delete(RESTORES, ref, {}, never);
    await platform.untilGone(RESTORES, ref);
    await platform.untilAll(PODS, 'another pod runs', (pods) =>
      pods.some(
        ({ metadata, status }) =>
          metadata.labels?.['app'] === 'lost' &&
          metadata.uid !== workload.pod.metadata.uid &&
          status?.phase === 'Running',
      ),
    );
    assert.equal(platform.observer.freshStarts(workload.uid), 2);
  });
});

interface Refusal extends KubeObject {
  readonly reason?: string;
  readonly message?: string;
}

const REFUSALS = EVENTS as ResourceType<Refusal>;
