// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { CHECKPOINTS, CLAIMS, FINALIZER, KEYS, PODS, type Checkpoint, type Pod } from '@grit/plugin-kubernetes';
import { clusterUnavailable } from '../../cluster/index.js';
import { podObject } from '../../simulated/workload-objects.js';
import { startKubePlatform, type KubePlatform } from '../kubernetes/platform.js';
import { deletePod, NAMESPACE, never, runningPods } from '../restore/checkpointed-pods.js';

describe('a Checkpoint with a volumeClaim', function () {
  this.timeout(240_000);
  let platform: KubePlatform;
  let stop = async (): Promise<void> => undefined;

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    platform = await startKubePlatform({ nodes: ['sim-a', 'sim-b'], store: false });
    stop = () => platform.stop();
  });

  after(() => stop());

  afterEach(() => {
    platform.barriers.openAll();
    const { violations, repeatedWork, history } = platform.observer;
    assert.deepEqual([violations, repeatedWork], [[], []], history.join('\n'));
  });

  const podOn = async (node: string, name: string, claimName?: string): Promise<Pod> => {
    const persistentVolumeClaim = { claimName };
    const volumes = claimName === undefined ? [] : [{ name: 'data', persistentVolumeClaim }];
    await platform.create(PODS, podObject(name, NAMESPACE, { spec: { nodeName: node, volumes } }));
    const [pod] = await runningPods(platform, name);
    assert.ok(pod);
    return pod;
  };
  /** The seed's manifest. */
  const take = async (name: string, podName: string, claimName: string, more = ''): Promise<void> => {
    await platform.cluster.kubectlApply(`
apiVersion: kaito.sh/v1alpha1
kind: Checkpoint
metadata: { name: ${name}, namespace: ${NAMESPACE} }
spec: { autoMigration: false, podName: ${podName}, volumeClaim: { claimName: ${claimName} } ${more} }
`);
  };
  const claim = async (name: string, mode: string, volumeName = name): Promise<void> => {
    await platform.cluster.kubectlApply(`
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: ${name}, namespace: ${NAMESPACE} }
spec: { accessModes: [${mode}], storageClassName: '', volumeName: ${volumeName}, resources: { requests: { storage: 1Gi } } }
`);
  };
  const volume = async (name: string, mode: string): Promise<void> => {
    await platform.cluster.kubectlApply(`
apiVersion: v1
kind: PersistentVolume
metadata: { name: ${name} }
spec: { accessModes: [${mode}], storageClassName: '', capacity: { storage: 1Gi }, hostPath: { path: /tmp } }
`);
  };
  const until = (
    name: string,
    what: string,
    predicate: (status: NonNullable<Checkpoint['status']>) => boolean,
  ): Promise<Checkpoint> =>
    platform.until(CHECKPOINTS, { name, namespace: NAMESPACE }, what, ({ status }) => predicate(status ?? {}));
  const untilSays = (name: string, type: string, message: RegExp): Promise<Checkpoint> =>
    until(name, `says ${String(message)}`, ({ conditions = [] }) =>
      conditions.some((condition) => {
        return condition.type === type && condition.status === 'True' && message.test(condition.message);
      }),
    );
  const phase = (name: string, ...phases: string[]): Promise<Checkpoint> =>
    platform.untilPhase(CHECKPOINTS, { name, namespace: NAMESPACE }, ...phases);
  const claimPodOf = (pods: readonly Pod[], { metadata }: Pick<Checkpoint, 'metadata'>): Pod | undefined =>
    pods.find((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid));

  it("of the seed's manifest is written through a claim pod on the node of the pod, which goes at the end", async () => {
    await volume('shared', 'ReadWriteMany');
    await claim('shared', 'ReadWriteMany');
    await podOn('sim-a', 'seed');
    const barrier = platform.barriers.close('checkpoint.before', { object: `${NAMESPACE}/seed` });
    await take('seed', 'seed', 'shared');
    await barrier.reached;
    const ordered = await until('seed', 'was ordered', ({ step }) => step !== undefined);
    const pods = await platform.untilAll(PODS, 'there is a claim pod', (all) => claimPodOf(all, ordered) !== undefined);
    const claimPod = claimPodOf(pods, ordered);
    assert.deepEqual([claimPod?.spec.nodeName, claimPod?.metadata.uid], ['sim-a', ordered.status?.step?.claimPodUid]);
    barrier.open();
    const { status } = await phase('seed', 'Checkpointed', 'Failed');
    assert.equal(status?.phase, 'Checkpointed', JSON.stringify(status));
    assert.equal(status.storage, 'PersistentVolumeClaim/shared');
    assert.ok(status.image?.id);
    await platform.untilAll(PODS, 'the claim pod is gone', (all) => claimPodOf(all, ordered) === undefined);
    await platform.until(CHECKPOINTS, { name: 'seed', namespace: NAMESPACE }, 'has no finalizer', ({ metadata }) => {
      return !(metadata.finalizers ?? []).includes(FINALIZER);
    });
  });

  /** Admission lets nobody ask for a claim that cannot be used: it is lost while the Checkpoint waits for its turn. */
  const takeAndLose = async (name: string, more = ''): Promise<void> => {
    await volume(name, 'ReadWriteMany');
    await claim(name, 'ReadWriteMany');
    await platform.until(CLAIMS, { name, namespace: NAMESPACE }, 'is bound', ({ status }) => status?.phase === 'Bound');
    await podOn('sim-a', name);
    const barrier = platform.barriers.close('checkpoint.before', { object: `${NAMESPACE}/${name}-first` });
    await take(`${name}-first`, name, 'shared');
    await barrier.reached;
    await take(name, name, name, more);
    await untilSays(name, 'Waiting', /-first of the same pod goes first/);
    await platform.client.delete(CLAIMS, { name, namespace: NAMESPACE }, {}, never);
    await platform.untilGone(CLAIMS, { name, namespace: NAMESPACE });
    barrier.open();
  };

  it('says that the claim is missing, then that it is not bound, and goes on when it is', async () => {
    await takeAndLose('lost');
    const missing = await untilSays('lost', 'Failed', /PersistentVolumeClaim lost does not exist/);
    assert.equal(missing.status?.finishedAt, undefined);
    await claim('lost', 'ReadWriteMany', 'found');
    await untilSays('lost', 'Waiting', /PersistentVolumeClaim lost is not bound yet/);
    await volume('found', 'ReadWriteMany');
    // Whoever binds claims looks at one that has changed at once, at all of them only now and then.
    const touched = { metadata: { annotations: { touched: 'true' } } };
    await platform.client.patch(CLAIMS, { name: 'lost', namespace: NAMESPACE }, touched, {}, never);
    await phase('lost', 'Checkpointed');
  });

  it('ends when it has waited for as long as it may, and begins anew when told to', async () => {
    await takeAndLose('late', ", timeouts: { pending: '2s' }");
    const ended = await until('late', 'has ended', ({ finishedAt }) => finishedAt !== undefined);
    assert.deepEqual([ended.status?.phase, ended.status?.error?.code], ['Failed', 'GRIT_CLAIM_UNUSABLE']);
    await volume('in-time', 'ReadWriteMany');
    await claim('late', 'ReadWriteMany', 'in-time');
    const ref = { name: 'late', namespace: NAMESPACE };
    await platform.until(CLAIMS, ref, 'is bound', ({ status }) => status?.phase === 'Bound');
    const body = { metadata: { annotations: { [KEYS.retry]: 'now' } } };
    await platform.client.patch(CHECKPOINTS, ref, body, {}, never);
    await phase('late', 'Checkpointed');
  });

  it('names the pod of another node that uses the claim, and goes on when that is gone', async () => {
    await volume('single', 'ReadWriteOnce');
    await claim('single', 'ReadWriteOnce');
    await podOn('sim-a', 'mover');
    const user = await podOn('sim-b', 'user', 'single');
    await take('mover', 'mover', 'single');
    await untilSays('mover', 'Failed', /in use by pod user: access mode ReadWriteOnce allows one node/);
    await deletePod(platform, user);
    await phase('mover', 'Checkpointed');
  });

  it('says why the claim pod does not start, as its events do', async () => {
    await volume('attached', 'ReadWriteMany');
    await claim('attached', 'ReadWriteMany');
    await podOn('sim-b', 'stuck');
    const barrier = platform.barriers.close('pod.start', { node: 'sim-b' });
    await take('stuck', 'stuck', 'attached');
    await barrier.reached;
    const checkpoint = await platform.client.get(CHECKPOINTS, { name: 'stuck', namespace: NAMESPACE }, never);
    const pods = await platform.untilAll(PODS, 'there is a claim pod', (all) => !!claimPodOf(all, checkpoint));
    const { name, uid } = claimPodOf(pods, checkpoint)?.metadata ?? {};
    await platform.cluster.kubectlApply(`
apiVersion: v1
kind: Event
metadata: { name: attach-failed, namespace: ${NAMESPACE} }
involvedObject: { apiVersion: v1, kind: Pod, namespace: ${NAMESPACE}, name: ${name}, uid: ${uid} }
type: Warning
reason: FailedAttachVolume
message: 'Multi-Attach error for volume "attached": it is used by a pod of another node'
lastTimestamp: '${new Date().toISOString().replace(/\.\d+Z/, 'Z')}'
`);
    await untilSays('stuck', 'Failed', /is attached to another node: Multi-Attach error/);
    barrier.open();
    await phase('stuck', 'Checkpointed');
  });
});
