// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterUnavailable, torchImage, torchUnavailable, type ClusterNode } from '../../cluster/index.js';
import { gritImagesUnavailable } from '../../cluster/grit-image.js';
import { until } from '../../cluster/until.js';
import { needsVersitygw } from '../../fixtures/object-stores/needs-versitygw.js';
import type { Manifest } from '../../workloads/manifests/manifest.js';
import { asList, trainingJob, type TrainingOptions } from '../../workloads/manifests.js';
import { provideImages, provideShared } from '../../workloads/provide.js';
import { checkTraining, readTraining } from '../../workloads/training-log.js';
import { runUndisturbed, type UndisturbedTraining } from '../../workloads/undisturbed-training.js';
import { ChartPlatform } from '../kubernetes/chart-platform.js';
import { BUCKET_SECRET, ClusterBucket, type BucketStore } from '../kubernetes/cluster-bucket.js';
import { HeldUploads } from './held-uploads.js';
import { killAgent } from './kill-agent.js';

const NODES = ['node-a', 'node-b'];
const STEPS = 120;
/** What workloads have in memory. Nobody else must be able to read it. */
const TEXT = 'the secret of the workload, which is in its memory in the clear';
const STORE: BucketStore = { name: 'bucket', prefix: 'team/', key: 'k1' };
/** So much that it goes to the bucket in several packs. */
const LARGE_MIB = 320;
const PATIENCE = '--timeout=600s';

describe('pods that move through a bucket, encrypted, with the chart', function () {
  this.timeout(900_000);
  let signal: AbortSignal;
  let platform: ChartPlatform;
  let bucket: ClusterBucket;
  let shared: string;
  let alone: UndisturbedTraining;

  before(async function () {
    await needsVersitygw(this);
    // Not while the files are loaded: other suites may run for long before.
    signal = AbortSignal.timeout(1_800_000);
    const reason =
      (await clusterUnavailable({ nodes: NODES })) ??
      (await torchUnavailable(signal)) ??
      (await gritImagesUnavailable(signal));
    if (reason !== undefined) this.skip(reason);
    platform = await ChartPlatform.start(NODES, signal, {
      values: [`agent.storeSecrets={${BUCKET_SECRET}}`],
      beforeInstall: async (cluster) => {
        bucket = await ClusterBucket.start(cluster);
      },
    });
    await provideImages(platform.cluster, NODES, [await torchImage(signal)]);
    shared = await provideShared(platform.cluster);
    alone = await runUndisturbed(platform.cluster, shared, { name: 'alone', steps: STEPS, claim: 'shared' });
  });

  after(async () => {
    // Skipped: there is none.
    await (platform as ChartPlatform | undefined)?.stop();
    await (bucket as ClusterBucket | undefined)?.stop();
  });

  const makeStore = (store: BucketStore): Promise<string> => platform.cluster.kubectlApply(bucket.storeOf(store));

  /** Changes the key of the store; returns when the agents have seen it. */
  async function encryptWith(key: string): Promise<void> {
    await makeStore({ ...STORE, key });
    const path = '{.metadata.generation}={.status.nodes[?(@.ready==true)].generation}';
    await until('both nodes have tried the store anew', signal, async () => {
      const [now, tried = ''] = (await platform.valueOf(`checkpointstore/${STORE.name}`, path)).split('=');
      return tried === NODES.map(() => now).join(' ');
    });
  }

  const steps = (name: string): number => readTraining(shared, name).steps.length;

  function training(name: string, mib: number, more: Partial<TrainingOptions> = {}): Manifest {
    return trainingJob({ name, steps: STEPS, claim: 'shared', ballast: { mib, text: TEXT }, ...more });
  }

  /** One of our objects. */
  async function make(kind: string, name: string, spec: object): Promise<void> {
    const metadata = { name, namespace: 'default' };
    await platform.cluster.kubectlApply(JSON.stringify({ apiVersion: 'kaito.sh/v1alpha1', kind, metadata, spec }));
  }

  async function trains(name: string): Promise<void> {
    const before = steps(name);
    await until(`${name} trains`, signal, async () => steps(name) > before + 5);
  }

  /** Begins to move the pod of a Job through the bucket. */
  async function startMove(job: string): Promise<void> {
    await trains(job);
    const pod = await platform.valueOf('pod', '{.items[0].metadata.name}', '-l', `app=${job}`);
    const from = await platform.valueOf(`pod/${pod}`, '{.spec.nodeName}');
    const nodeName = NODES.find((node) => node !== from);
    await make('Migration', job, { podName: pod, nodeName, storage: STORE.name });
  }

  /** It went on elsewhere, and ends like the one that nobody disturbed. */
  async function endsAlike(job: string): Promise<void> {
    await platform.wait(`migration/${job}`, 'jsonpath={.status.phase}=Succeeded', PATIENCE);
    await platform.wait(`job/${job}`, 'condition=Complete', PATIENCE);
    const log = readTraining(shared, job);
    assert.equal(checkTraining(log, STEPS), alone.sha256);
    assert.deepEqual(log.losses, alone.losses);
    assert.equal(await platform.valueOf(`job/${job}`, '{.status.failed}'), '');
  }

  async function checkpoint(name: string, spec: object): Promise<void> {
    await make('Checkpoint', name, spec);
    await platform.wait(`checkpoint/${name}`, 'jsonpath={.status.phase}=Checkpointed');
  }

  /** Bytes that the node has made of the pod, all of them: it is storing them now. */
  async function bytesOfPacks(name: string, node: ClusterNode): Promise<number> {
    const uid = await platform.valueOf(`checkpoint/${name}`, '{.metadata.uid}');
    const files = await readdir(join(node.directory, 'root/var/lib/grit'), { recursive: true, withFileTypes: true });
    const packs = files.filter((file) => file.isFile() && file.parentPath.endsWith(`/ck-${uid}/packs`));
    return packs.reduce((sum, { parentPath, name: file }) => sum + statSync(join(parentPath, file)).size, 0);
  }

  it('a store in a bucket is Ready on both nodes; one with wrong credentials says what to do', async () => {
    await makeStore(STORE);
    await makeStore({ name: 'plain', prefix: 'plain/' });
    await makeStore({ name: 'denied', prefix: 'denied/', signedWith: 'wrong-secret' });
    for (const name of [STORE.name, 'plain']) {
      await platform.wait(`checkpointstore/${name}`, `jsonpath={.status.nodesReady}=${NODES.length}`);
    }
    await platform.wait('checkpointstore/denied', 'jsonpath={.status.phase}=NotReady');
    const said = await platform.valueOf('checkpointstore/denied', '{.status.nodes[*].message}');
    assert.match(said, /s3:\/\/grit-test\/denied/);
    assert.match(said, /SignatureDoesNotMatch/);
  });

  it('a training Job moves once and ends with the weights of one that was left alone', async () => {
    await platform.cluster.kubectlApply(asList(training('moved', 8)));
    await startMove('moved');
    await endsAlike('moved');
    assert.deepEqual(await bucket.objectsWith(TEXT, STORE.prefix), []);
  });

  it('its agent is killed when half of the image is in the bucket: less than 60 % is sent again', async () => {
    await platform.cluster.kubectlApply(asList(training('killed', LARGE_MIB)));
    const held = new HeldUploads(bucket.proxy, signal);
    await startMove('killed');
    let there = await held.letInOne();
    const source = await platform.valueOf('checkpoint/killed', '{.status.nodeName}');
    const total = await bytesOfPacks('killed', platform.cluster.node(source));
    while (there < total / 2) there += await held.letInOne();
    await killAgent(platform.cluster.node(source));
    // What the dead one had on its way is not sent again, even where the proxy passes it on only now.
    const { length: before } = bucket.proxy.requests;
    held.letAllIn();
    await endsAlike('killed');
    const puts = bucket.proxy.requests.slice(before).filter(({ method }) => method === 'PUT');
    const again = puts.reduce((sum, { sent }) => sum + sent, 0);
    assert.ok(total > LARGE_MIB * 1024 * 1024, `all of it is ${total} bytes`);
    assert.ok(again > 0 && again < 0.6 * total, `${again} bytes were sent again of ${total}`);
  });

  it('what a pod has in its memory can be read in a store in the clear, and not in one that is encrypted', async () => {
    await platform.cluster.kubectlApply(asList(keptPod()));
    await trains('kept');
    await checkpoint('in-the-clear', { podName: 'kept', storage: 'plain' });
    assert.notDeepEqual(await bucket.objectsWith(TEXT, 'plain/'), []);
    await checkpoint('kept-first', { podName: 'kept', storage: STORE.name });
    assert.deepEqual(await bucket.objectsWith(TEXT, STORE.prefix), []);
  });

  it('with a wrong key a Checkpoint fails, and its pod goes on', async () => {
    await encryptWith('wrong-k1');
    await make('Checkpoint', 'refused', { podName: 'kept', storage: STORE.name });
    await platform.wait('checkpoint/refused', 'jsonpath={.status.phase}=Failed');
    assert.equal(await platform.valueOf('checkpoint/refused', '{.status.error.code}'), 'GRIT_KEY_WRONG');
    await trains('kept');
    await encryptWith('k1');
  });

  it('a second Checkpoint of a pod stores little more, and finds what is there without a list of the bucket', async () => {
    bucket.proxy.calm();
    bucket.proxy.forget();
    // It stays as it is: its log must not go on without it.
    await checkpoint('kept', { podName: 'kept', storage: STORE.name, afterCheckpoint: 'stop' });
    await platform.kubectl('wait', 'pod/kept', '--for=delete', '--timeout=120s');
    const stored = async (name: string): Promise<number> =>
      Number(await platform.valueOf(`checkpoint/${name}`, '{.status.image.stored}'));
    const [first, second] = [await stored('kept-first'), await stored('kept')];
    assert.ok(second > 0 && second < first / 3, `the first has stored ${first} bytes, the second ${second}`);
    const own = await platform.valueOf('checkpoint/kept', '{.status.image.id}');
    // Agents try their stores now and then, with a list of one key.
    const lists = bucket.proxy.requests
      .filter(({ method, query }) => method === 'GET' && query.has('list-type') && query.get('max-keys') !== '1')
      .map(({ query }) => query.get('prefix') ?? '');
    const ofOthers = lists.filter((prefix) => !prefix.startsWith(`${STORE.prefix}objects/${own}/`));
    assert.deepEqual(ofOthers, []);
  });

  it('with a wrong key a Restore fails and its pod does not start; with the right one it goes on', async () => {
    const before = steps('kept');
    await encryptWith('wrong-k1');
    await make('Restore', 'kept', { checkpointName: 'kept' });
    await platform.cluster.kubectlApply(asList(keptPod()));
    await platform.wait('restore/kept', 'jsonpath={.status.phase}=Failed');
    assert.equal(await platform.valueOf('restore/kept', '{.status.error.code}'), 'GRIT_KEY_WRONG');
    assert.equal(steps('kept'), before);
    assert.equal(await platform.valueOf('pod/kept', '{.status.phase}'), 'Pending');
    await encryptWith('k1');
    await platform.kubectl('annotate', 'restore/kept', 'grit.dev/retry=1');
    await platform.wait('restore/kept', 'jsonpath={.status.phase}=Restored');
    await trains('kept');
    const { steps: written } = readTraining(shared, 'kept');
    assert.deepEqual(
      written,
      written.map((_, index) => index + 1),
      'each step once',
    );
  });

  /** A pod without an owner that has much to do. */
  function keptPod(): Manifest {
    const { template } = training('kept', 16, { steps: 1_000_000 })['spec'] as { readonly template: Manifest };
    const metadata = { ...template.metadata, name: 'kept', namespace: 'default' };
    return { ...template, apiVersion: 'v1', kind: 'Pod', metadata };
  }
});
