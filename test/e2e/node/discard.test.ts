// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openImage, verifyImage } from '@grit/image';
import { PvcStorage } from '@grit/storage-pvc';
import { BUSYBOX_IMAGE, clusterUnavailable } from '../../cluster/index.js';
import { RealPlatform } from '../kubernetes/real-platform.js';

const NODE = 'node-a';
const WAITING = '{.status.conditions[?(@.type=="Waiting")].reason}';
const MIB = 8;

describe('Checkpoints that are deleted, on a real node', function () {
  this.timeout(300_000);
  let signal: AbortSignal;
  let platform: RealPlatform;
  let store: string;

  before(async function () {
    signal = AbortSignal.timeout(900_000);
    const reason = await clusterUnavailable({ nodes: [NODE] });
    if (reason !== undefined) this.skip(reason);
    platform = await RealPlatform.start([NODE], signal);
    store = join(platform.cluster.directory, 'store');
    await platform.makeStore(store);
    await startPod('counter', 'default');
  });
  after(async () => {
    // Skipped: there is none.
    await (platform as RealPlatform | undefined)?.stop();
  });

  /** Counts, and has some memory that stays as it is, which its images share. */
  async function startPod(name: string, namespace: string): Promise<void> {
    const script = `x=$(head -c ${MIB}m /dev/urandom | base64); i=0; while :; do i=$((i+1)); sleep 0.1; done`;
    const container = { name: 'main', image: BUSYBOX_IMAGE, imagePullPolicy: 'Never', command: ['sh', '-c', script] };
    const spec = { terminationGracePeriodSeconds: 0, containers: [container] };
    await platform.cluster.kubectlApply(
      JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace }, spec }),
    );
    await platform.wait(`pod/${name}`, 'condition=Ready', '-n', namespace);
  }

  /** Returns the id of its image. */
  async function take(name: string, namespace = 'default'): Promise<string> {
    const head = { apiVersion: 'kaito.sh/v1alpha1', kind: 'Checkpoint', metadata: { name, namespace } };
    await platform.cluster.kubectlApply(JSON.stringify({ ...head, spec: { podName: 'counter' } }));
    await platform.wait(`checkpoint/${name}`, 'jsonpath={.status.phase}=Checkpointed', '-n', namespace);
    return platform.valueOf(`checkpoint/${name}`, '{.status.image.id}', '-n', namespace);
  }

  const remove = (name: string, ...more: string[]): Promise<string> =>
    platform.kubectl('delete', 'checkpoint', name, '--timeout=180s', ...more);
  const images = async (): Promise<string[]> => (await readdir(join(store, 'images'))).sort();

  it('take their images along, and nothing that others share with them', async () => {
    const first = await take('first');
    const second = await take('second');
    const size = Number(await platform.valueOf('checkpoint/second', '{.status.image.size}'));
    const stored = Number(await platform.valueOf('checkpoint/second', '{.status.image.stored}'));
    assert.ok(size - stored > MIB * 2 ** 20, `the second image shares with the first: ${stored} of ${size} bytes`);
    assert.deepEqual(await images(), [first, second].sort());
    await remove('first');
    assert.deepEqual(await images(), [second]);
    await verifyImage(await openImage(new PvcStorage({ path: store }), second, signal), {
      signal,
      onProgress: () => undefined,
    });
    await remove('second');
    assert.deepEqual(await images(), []);
  });

  it('leave their images where the Checkpoint or the store says so', async () => {
    const kept = await take('kept');
    await platform.kubectl('annotate', 'checkpoint', 'kept', 'grit.dev/retain-image=true');
    await remove('kept');
    const also = await take('also-kept');
    await setPolicy('Retain');
    await remove('also-kept');
    await setPolicy('Delete');
    assert.deepEqual(await images(), [kept, also].sort());
    for (const id of [kept, also]) await new PvcStorage({ path: store }).delete(id, signal);
  });

  it('wait for an agent, say so, and go on when it is back', async () => {
    await take('waits');
    await platform.agent(NODE).kill();
    await remove('waits', '--wait=false');
    await platform.wait('checkpoint/waits', `jsonpath=${WAITING}=NoNodeForStore`);
    assert.equal((await images()).length, 1);
    await platform.agent(NODE).start();
    await platform.wait('checkpoint/waits', 'delete');
    assert.deepEqual(await images(), []);
  });

  it('go with their namespace', async () => {
    await platform.kubectl('create', 'namespace', 'leaving');
    await startPod('counter', 'leaving');
    await take('inside', 'leaving');
    assert.equal((await images()).length, 1);
    await platform.kubectl('delete', 'namespace', 'leaving', '--timeout=180s');
    assert.deepEqual(await images(), []);
  });

  it('go when their store is gone, and an event says what is left', async () => {
    const left = await take('left');
    await platform.kubectl('delete', 'checkpointstore', 'default', '--timeout=60s');
    await remove('left');
    assert.deepEqual(await images(), [left]);
    await platform.makeStore(store);
  });

  it('leave a store that a node looks through', async () => {
    await platform.wait('checkpointstore/default', `jsonpath={.status.lastCollected.node}=${NODE}`);
    assert.equal(await platform.valueOf('checkpointstore/default', '{.status.collector}'), NODE);
  });

  async function setPolicy(deletionPolicy: string): Promise<void> {
    const patch = JSON.stringify({ spec: { deletionPolicy } });
    await platform.kubectl('patch', 'checkpointstore', 'default', '--type=merge', '--patch', patch);
    // Each node tries it as it is now.
    await platform.wait('checkpointstore/default', 'jsonpath={.status.phase}=Ready');
  }
});
