// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { dropRestore, KEYS, KubeClient, PODS, RESTORES, type Checkpoint, type Pod } from '@grit/plugin-kubernetes';
import { clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import { podObject } from '../../simulated/workload-objects.js';
import { installGrit } from '../kubernetes/install.js';

const NAMESPACE = 'default';
const STAYS = 'grit.dev/test';
const never = new AbortController().signal;

/** No controllers, no nodes: pods are objects, and what is asked is the API server. */
describe('the Restore of a Checkpoint is taken back', function () {
  this.timeout(240_000);
  let cluster: Cluster | undefined;
  let client: KubeClient;

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    cluster = await startCluster({ nodes: [] }, never);
    await installGrit(cluster, never);
    client = KubeClient.fromConfig({ kubeconfig: cluster.kubeconfig, userAgent: 'tests' });
  });

  after(async () => {
    if (cluster === undefined) return;
    await client.close();
    await cluster.stop();
  });

  /** A pod, and a Restore that waits for its successor. */
  const make = async (name: string, annotations: Record<string, string>): Promise<[Pod, Checkpoint]> => {
    const object = podObject(name, NAMESPACE);
    const pod = await client.create(
      PODS,
      { ...object, metadata: { ...object.metadata, finalizers: [STAYS] } },
      {},
      never,
    );
    const metadata = { name, namespace: NAMESPACE, annotations };
    await client.create(RESTORES, { metadata, spec: { checkpointName: name, podName: name } }, {}, never);
    const { uid } = pod.metadata;
    const status = { podName: name, ...(uid === undefined ? {} : { podUID: uid }) };
    return [pod, { metadata: { name, namespace: NAMESPACE, uid: `${name}-uid` }, spec: { podName: name }, status }];
  };
  const ours = (name: string): Promise<[Pod, Checkpoint]> => make(name, { [KEYS.checkpointUid]: `${name}-uid` });
  const isThere = async (name: string): Promise<boolean> =>
    (await client.find(RESTORES, { name, namespace: NAMESPACE }, never)) !== undefined;
  const letGo = (name: string): Promise<Pod> =>
    client.patch(PODS, { name, namespace: NAMESPACE }, { metadata: { finalizers: [] } }, {}, never);

  it('while its pod goes on', async () => {
    const [, checkpoint] = await ours('goes-on');
    assert.deepEqual(await dropRestore({ client }, checkpoint, never), { dropped: true });
    assert.equal(await isThere('goes-on'), false);
    assert.deepEqual(await dropRestore({ client }, checkpoint, never), { dropped: true }, 'there is none any more');
  });

  it('not once the pod is on its way out, has ended, is gone, or another one has its name', async () => {
    const [pod, checkpoint] = await ours('leaves');
    const ref = { name: 'leaves', namespace: NAMESPACE };
    const uidOfKept = async (of: Checkpoint = checkpoint): Promise<string | undefined> => {
      const result = await dropRestore({ client }, of, never);
      assert.ok('kept' in result, 'it was dropped');
      assert.equal(await isThere('leaves'), true);
      return result.kept?.metadata.uid;
    };
    const other = { ...checkpoint, status: { ...checkpoint.status, podUID: 'another' } };
    assert.equal(await uidOfKept(other), pod.metadata.uid);
    await client.patch(PODS, ref, { status: { phase: 'Failed' } }, { subresource: 'status' }, never);
    assert.equal(await uidOfKept(), pod.metadata.uid);
    await client.patch(PODS, ref, { status: { phase: 'Running' } }, { subresource: 'status' }, never);
    await client.delete(PODS, ref, { gracePeriodSeconds: 0 }, never);
    assert.equal(await uidOfKept(), pod.metadata.uid, 'it is on its way out');
    await letGo('leaves');
    assert.equal(await uidOfKept(), undefined);
  });

  it('not when somebody made it by hand, or for another Checkpoint', async () => {
    const [, byHand] = await make('by-hand', {});
    assert.deepEqual(await dropRestore({ client }, byHand, never), { dropped: true });
    const [, former] = await make('former', { [KEYS.checkpointUid]: 'older' });
    assert.deepEqual(await dropRestore({ client }, former, never), { dropped: true });
    assert.deepEqual([await isThere('by-hand'), await isThere('former')], [true, true]);
  });
});
