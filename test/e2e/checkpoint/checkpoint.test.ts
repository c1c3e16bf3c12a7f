// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { GritError } from '@grit/plugin-api';
import {
  CHECKPOINTS,
  FINALIZER,
  KEYS,
  PODS,
  RESTORES,
  type Checkpoint,
  type CheckpointSpec,
  type Pod,
} from '@grit/plugin-kubernetes';
import { clusterUnavailable } from '../../cluster/index.js';
import type { StepAt } from '../../simulated/simulated-handlers.js';
import { deploymentObject, DEPLOYMENTS, jobObject, JOBS, podObject } from '../../simulated/workload-objects.js';
import { startKubePlatform, type KubePlatform } from '../kubernetes/platform.js';
import { deletePod, NAMESPACE, never, runningPods } from '../restore/checkpointed-pods.js';

/** Until somebody has repaired it. */
let isBroken = true;

/** What goes wrong, by the name of the Checkpoint. */
function failures({ point, object, attempt }: StepAt): Error | undefined {
  if (point !== 'checkpoint.frozen') return undefined;
  if (object === `${NAMESPACE}/flaky` && attempt === 1) {
    return new GritError('GRIT_STORAGE_UNAVAILABLE', 'the store does not answer');
  }
  const repairable = isBroken && object === `${NAMESPACE}/repaired`;
  if (repairable || object === `${NAMESPACE}/hopeless`)
    return new GritError('GRIT_DUMP_FAILED', 'the pod has a raw socket');
  return undefined;
}

describe('a Checkpoint on a real API server', function () {
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
    const { violations, repeatedWork, history } = platform.observer;
    assert.deepEqual([violations, repeatedWork], [[], []], history.join('\n'));
  });

  const take = (name: string, spec: CheckpointSpec): Promise<Checkpoint> =>
    platform.create(CHECKPOINTS, { metadata: { name, namespace: NAMESPACE }, spec });
  const until = (
    name: string,
    what: string,
    predicate: (status: NonNullable<Checkpoint['status']>) => boolean,
  ): Promise<Checkpoint> =>
    platform.until(CHECKPOINTS, { name, namespace: NAMESPACE }, what, ({ status }) => predicate(status ?? {}));
  const phase = (name: string, ...phases: string[]): Promise<Checkpoint> =>
    platform.untilPhase(CHECKPOINTS, { name, namespace: NAMESPACE }, ...phases);
  const barePod = async (name: string): Promise<Pod> => {
    await platform.create(PODS, podObject(name, NAMESPACE));
    const [pod] = await runningPods(platform, name);
    assert.ok(pod);
    return pod;
  };
  /** What `kubectl annotate` does. */
  const retry = async (name: string, value: string): Promise<void> => {
    const body = { metadata: { annotations: { [KEYS.retry]: value } } };
    await platform.client.patch(CHECKPOINTS, { name, namespace: NAMESPACE }, body, {}, never);
  };
  const podPhase = async (name: string): Promise<string | undefined> =>
    (await platform.client.get(PODS, { name, namespace: NAMESPACE }, never)).status?.phase;
  const trueOf = (checkpoint: Checkpoint): readonly string[] =>
    (checkpoint.status?.conditions ?? []).filter(({ status }) => status === 'True').map(({ type }) => type);

  it("of the seed's manifest reaches Checkpointed, and takes its image along when it goes", async () => {
    const pod = await barePod('seed');
    await platform.cluster.kubectlApply(`
apiVersion: kaito.sh/v1alpha1
kind: Checkpoint
metadata: { name: seed, namespace: ${NAMESPACE} }
spec: { autoMigration: false, podName: seed }
`);
    const checkpoint = await phase('seed', 'Checkpointed', 'Failed');
    assert.equal(checkpoint.status?.phase, 'Checkpointed', JSON.stringify(checkpoint.status));
    assert.deepEqual(trueOf(checkpoint), ['Created', 'Pending', 'Checkpointing', 'Checkpointed']);
    assert.equal(checkpoint.status.podUID, pod.metadata.uid);
    assert.equal(checkpoint.status.nodeName, pod.spec.nodeName);
    assert.equal(checkpoint.status.storage, 'CheckpointStore/default');
    assert.ok(checkpoint.status.image?.id);
    assert.ok(checkpoint.status.finishedAt);
    // Its image goes with it.
    assert.deepEqual(checkpoint.metadata.finalizers, [FINALIZER]);
    const ref = { name: 'seed', namespace: NAMESPACE };
    assert.ok(platform.images.find(`${NAMESPACE}/seed`));
    await platform.client.delete(CHECKPOINTS, ref, {}, never);
    await platform.untilGone(CHECKPOINTS, ref);
    assert.equal(platform.images.find(`${NAMESPACE}/seed`), undefined);
  });

  it('with autoMigration moves the pod of a Job and of a Deployment, once', async () => {
    const job = await platform.create(JOBS, jobObject('job', NAMESPACE));
    await platform.create(DEPLOYMENTS, deploymentObject('web', NAMESPACE, 1));
    const [ofJob] = await runningPods(platform, 'job');
    const [ofWeb] = await runningPods(platform, 'web');
    await take('job', { podName: ofJob?.metadata.name ?? '', autoMigration: true });
    await take('web', { podName: ofWeb?.metadata.name ?? '', autoMigration: true });
    for (const name of ['job', 'web']) {
      const checkpoint = await phase(name, 'Submitted', 'Failed');
      assert.equal(checkpoint.status?.phase, 'Submitted', JSON.stringify(checkpoint.status));
      assert.equal(checkpoint.status.restoreName, name);
      await platform.untilPhase(RESTORES, { name, namespace: NAMESPACE }, 'Restored');
    }
    assert.equal(platform.observer.freshStarts(job.metadata.uid ?? ''), 1);
  });

  it('waits while a PodDisruptionBudget is against the eviction, and goes on when it is not', async () => {
    await platform.create(DEPLOYMENTS, deploymentObject('budget', NAMESPACE, 1));
    const [pod] = await runningPods(platform, 'budget');
    await platform.cluster.kubectlApply(`
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: budget, namespace: ${NAMESPACE} }
spec: { minAvailable: 1, selector: { matchLabels: { app: budget } } }
`);
    await take('budget', { podName: pod?.metadata.name ?? '', autoMigration: true });
    const blocked = await until('budget', 'says who is against it', ({ conditions = [] }) =>
      conditions.some(({ type, status, reason }) => type === 'Waiting' && status === 'True' && /Eviction/.test(reason)),
    );
    assert.equal(blocked.status?.phase, 'Submitting');
    await platform.kubectl('delete', 'pdb', 'budget', '--namespace', NAMESPACE);
    await phase('budget', 'Submitted');
    await platform.untilPhase(RESTORES, { name: 'budget', namespace: NAMESPACE }, 'Restored');
  });

  it('that is deleted in the middle lets the pod go on', async () => {
    const pod = await barePod('dropped');
    const barrier = platform.barriers.close('checkpoint.frozen', { object: `${NAMESPACE}/dropped` });
    await take('dropped', { podName: 'dropped' });
    await barrier.reached;
    await platform.client.delete(CHECKPOINTS, { name: 'dropped', namespace: NAMESPACE }, {}, never);
    await platform.untilGone(CHECKPOINTS, { name: 'dropped', namespace: NAMESPACE });
    const now = await platform.client.get(PODS, { name: 'dropped', namespace: NAMESPACE }, never);
    assert.deepEqual([now.metadata.uid, now.status?.phase], [pod.metadata.uid, 'Running']);
  });

  it('whose pod is deleted in the middle fails, also when another pod takes the name', async () => {
    const pod = await barePod('name');
    const barrier = platform.barriers.close('checkpoint.before', { object: `${NAMESPACE}/name` });
    await take('name', { podName: 'name' });
    await barrier.reached;
    await deletePod(platform, pod);
    await platform.untilGone(PODS, { name: 'name', namespace: NAMESPACE });
    await platform.create(PODS, podObject('name', NAMESPACE));
    barrier.open();
    const { status } = await phase('name', 'Failed', 'Checkpointed');
    assert.equal(status?.phase, 'Failed', JSON.stringify(status));
    assert.equal(status.podUID, pod.metadata.uid);
    await until('name', 'has ended', ({ finishedAt }) => finishedAt !== undefined);
    // Told to begin anew, it takes the pod that is there now.
    const [other] = await runningPods(platform, 'name');
    await retry('name', 'other');
    const anew = await phase('name', 'Checkpointed');
    assert.equal(anew.status?.podUID, other?.metadata.uid);
  });

  it('whose pod is deleted while it is frozen fails, and lets go of everything', async () => {
    const pod = await barePod('frozen');
    const barrier = platform.barriers.close('checkpoint.frozen', { object: `${NAMESPACE}/frozen` });
    await take('frozen', { podName: 'frozen' });
    await barrier.reached;
    await deletePod(platform, pod);
    const { status } = await until('frozen', 'has ended', ({ finishedAt }) => finishedAt !== undefined);
    assert.deepEqual([status?.phase, status?.error?.code], ['Failed', 'GRIT_POD_GONE']);
  });

  it('whose pod finishes in the middle fails', async () => {
    await barePod('done');
    const barrier = platform.barriers.close('checkpoint.before', { object: `${NAMESPACE}/done` });
    await take('done', { podName: 'done' });
    await barrier.reached;
    const finished = { status: { phase: 'Succeeded' } };
    const ref = { name: 'done', namespace: NAMESPACE };
    await platform.client.patch(PODS, ref, finished, { subresource: 'status' }, never);
    const { status } = await until('done', 'has ended', ({ finishedAt }) => finishedAt !== undefined);
    assert.deepEqual([status?.phase, status?.error?.code], ['Failed', 'GRIT_POD_FINISHED']);
  });

  it('that takes longer than it may is given up, and the pod goes on', async () => {
    await barePod('slow');
    platform.barriers.close('checkpoint.frozen', { object: `${NAMESPACE}/slow` });
    await take('slow', { podName: 'slow', timeouts: { checkpoint: '2s' } });
    const { status } = await until('slow', 'has ended', ({ finishedAt }) => finishedAt !== undefined);
    assert.deepEqual([status?.phase, status?.error?.code], ['Failed', 'GRIT_TIMEOUT']);
    assert.equal(await podPhase('slow'), 'Running');
  });

  it('that failed begins anew when it is told to, once for each value', async () => {
    await barePod('repaired');
    await take('repaired', { podName: 'repaired' });
    const failed = await until('repaired', 'has ended', ({ finishedAt }) => finishedAt !== undefined);
    assert.equal(failed.status?.error?.code, 'GRIT_DUMP_FAILED');
    await retry('repaired', '1');
    const again = await until('repaired', 'has ended again', ({ operation, finishedAt }) => {
      return operation?.endsWith('/1') === true && finishedAt !== undefined;
    });
    assert.equal(again.status?.phase, 'Failed');
    isBroken = false;
    await retry('repaired', '2');
    const { status } = await phase('repaired', 'Checkpointed');
    assert.deepEqual([status?.error, status?.failures], [undefined, undefined]);
  });

  it('goes by itself after its ttl, and its image with it; its pod stays', async () => {
    await barePod('short');
    const ref = { name: 'short', namespace: NAMESPACE };
    const barrier = platform.barriers.close('checkpoint.before', { object: `${NAMESPACE}/short` });
    await take('short', { podName: 'short', ttl: '1s' });
    await barrier.reached;
    await until('short', 'was ordered', ({ step }) => step !== undefined);
    barrier.open();
    await platform.untilGone(CHECKPOINTS, ref);
    assert.equal(platform.images.find(`${NAMESPACE}/short`), undefined);
    assert.equal(await podPhase('short'), 'Running');
  });

  it('of a pod that has one already waits for its turn', async () => {
    await barePod('twice');
    const barrier = platform.barriers.close('checkpoint.frozen', { object: `${NAMESPACE}/first` });
    await take('first', { podName: 'twice' });
    await barrier.reached;
    await take('second', { podName: 'twice' });
    const { status } = await until('second', 'waits', ({ conditions = [] }) =>
      conditions.some(({ type, reason }) => type === 'Waiting' && reason === 'AnotherCheckpoint'),
    );
    assert.equal(status?.step, undefined);
    barrier.open();
    await phase('first', 'Checkpointed');
    await phase('second', 'Checkpointed');
  });

  it('that fails is tried again when that may help, and says why when not', async () => {
    await barePod('flaky-pod');
    await barePod('hopeless-pod');
    await take('flaky', { podName: 'flaky-pod' });
    await take('hopeless', { podName: 'hopeless-pod' });
    const hopeless = await until('hopeless', 'has ended', ({ finishedAt }) => finishedAt !== undefined);
    assert.deepEqual([hopeless.status?.phase, hopeless.status?.error?.code], ['Failed', 'GRIT_DUMP_FAILED']);
    const flaky = await phase('flaky', 'Checkpointed');
    assert.equal(flaky.status?.failures, 1);
  });

  it('does not lose its order with the queue, nor with the controller', async () => {
    await barePod('lost');
    for (const [name, point] of [
      ['lost-1', 'checkpoint.before'],
      ['lost-2', 'checkpoint.stored'],
    ] as const) {
      const barrier = platform.barriers.close(point, { object: `${NAMESPACE}/${name}` });
      await take(name, { podName: 'lost' });
      await barrier.reached;
      await platform.controller.kill();
      const redis = new Redis({ path: join(platform.directory, 'redis', 'redis.sock') });
      await redis.flushall();
      await redis.quit();
      barrier.open();
      await platform.controller.start();
      await phase(name, 'Checkpointed');
    }
  });
});
