// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterUnavailable } from '../../cluster/index.js';
import { until } from '../../integration/machine/until.js';
import { RealPlatform } from '../kubernetes/real-platform.js';

const JOB = `
apiVersion: v1
kind: PersistentVolume
metadata: { name: ckpt-store }
spec:
  capacity: { storage: 1Gi }
  accessModes: [ReadWriteMany]
  hostPath: { path: $DIRECTORY, type: DirectoryOrCreate }
  claimRef: { namespace: default, name: ckpt-store }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: ckpt-store, namespace: default }
spec: { accessModes: [ReadWriteMany], storageClassName: '', resources: { requests: { storage: 1Gi } } }
---
apiVersion: batch/v1
kind: Job
metadata: { name: train, namespace: default }
spec:
  backoffLimit: 0
  podFailurePolicy:
    rules: [{ action: Ignore, onPodConditions: [{ type: DisruptionTarget }] }]
  template:
    metadata: { labels: { app: train } }
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 1
      containers:
        - name: main
          image: localhost/busybox:1
          command: [sh, -c, 'n=0; while :; do n=$((n+1)); echo $n >> /shared/count; sleep 0.1; done']
          volumeMounts: [{ name: shared, mountPath: /shared }]
      volumes: [{ name: shared, persistentVolumeClaim: { claimName: ckpt-store } }]
`;

/** The prototype's own manifest; only the name of the pod is put in, as its user does. */
const CHECKPOINT = `
apiVersion: kaito.sh/v1alpha1
kind: Checkpoint
metadata: { name: demo, namespace: default }
spec:
  autoMigration: false
  podName: $YOUR_POD
  volumeClaim: { claimName: "ckpt-store" }     # a ReadWriteMany PVC
`;

const RESTORE = `
apiVersion: kaito.sh/v1alpha1
kind: Restore
metadata: { name: demo, namespace: default }
spec:
  checkpointName: demo
  ownerRef: { apiVersion: batch/v1, kind: Job, name: train, uid: $UID }
`;

const AUTO = `
apiVersion: kaito.sh/v1alpha1
kind: Checkpoint
metadata: { name: auto, namespace: default }
spec:
  autoMigration: true
  podName: $YOUR_POD
  volumeClaim: { claimName: "ckpt-store" }
`;

const MIGRATION = `
apiVersion: kaito.sh/v1alpha1
kind: Migration
metadata: { name: move, namespace: default }
spec: { podName: $YOUR_POD, volumeClaim: { claimName: ckpt-store } }
`;

describe("the prototype's manifests on two real nodes", function () {
  this.timeout(300_000);
  let platform: RealPlatform;
  let stop = async (): Promise<void> => undefined;
  const shown: string[] = [];

  before(async function () {
    const reason = await clusterUnavailable({ nodes: ['node-a', 'node-b'] });
    if (reason !== undefined) this.skip(reason);
    platform = await RealPlatform.start(['node-a', 'node-b'], AbortSignal.timeout(240_000));
    stop = () => platform.stop();
    await platform.cluster.kubectlApply(JOB.replace('$DIRECTORY', shared()));
    await wait('job/train', 'jsonpath={.status.active}=1');
    await wait('pod', 'condition=Ready', '-l', 'app=train');
  });

  after(async () => {
    // `GRIT_SHOW=1 npm run test:e2e -- test/e2e/seed` prints what a user sees.
    if (process.env['GRIT_SHOW'] !== undefined) process.stdout.write(`${shown.join('\n')}\n`);
    await stop();
  });

  const kubectl = (...args: string[]): Promise<string> => platform.cluster.kubectl(...args);

  const wait = (...args: [string, string, ...string[]]): Promise<void> => platform.wait(...args);

  /** What the claim has, on both nodes: it lies in a directory of the machine. */
  const shared = (): string => join(platform.cluster.directory, 'ckpt-store');

  /** Waits until the job has counted on. Every number is there once, but for the times when it went back to an older checkpoint. */
  async function countsOn(wentBack: number): Promise<void> {
    const lines = async (): Promise<number[]> =>
      (await readFile(join(shared(), 'count'), 'utf8')).trimEnd().split('\n').map(Number);
    const before = (await lines()).length;
    await until('the job counts on', async () => (await lines()).length > before + 3);
    const counts = await lines();
    const jumps = counts.map((count, index) => count - (counts[index - 1] ?? 0) - 1).filter((jump) => jump !== 0);
    assert.equal(jumps.length, wentBack, counts.join(' '));
    assert.ok(
      jumps.every((jump) => jump < 0),
      'no number is left out',
    );
  }

  async function show(...args: string[]): Promise<void> {
    shown.push(`$ kubectl ${args.join(' ')}`, await kubectl(...args));
  }

  async function pod(): Promise<string> {
    const running = ['get', 'pods', '-l', 'app=train', '--field-selector=status.phase=Running'];
    return (await kubectl(...running, '-o', 'jsonpath={.items[0].metadata.name}')).trim();
  }

  const path = (kind: string, name: string, of: string): Promise<string> => platform.valueOf(`${kind}/${name}`, of);

  /** Conditions that hold, in the order in which they came. */
  async function reached(kind: string, name: string): Promise<readonly string[]> {
    const of = '{range .status.conditions[?(@.status=="True")]}{.type}{" "}{end}';
    return (await path(kind, name, of)).split(' ').filter((type) => type !== '');
  }

  it('Checkpoint: Created, Pending, Checkpointing, Checkpointed; the pod goes on', async () => {
    const name = await pod();
    await platform.cluster.kubectlApply(CHECKPOINT.replace('$YOUR_POD', name));
    await wait('ckpt/demo', 'jsonpath={.status.phase}=Checkpointed');
    assert.deepEqual(await reached('ckpt', 'demo'), ['Created', 'Pending', 'Checkpointing', 'Checkpointed']);
    assert.equal(await path('ckpt', 'demo', '{.status.storage}'), 'PersistentVolumeClaim/ckpt-store');
    assert.equal(await path('ckpt', 'demo', '{.status.podUID}'), await path('pod', name, '{.metadata.uid}'));
    await wait('pod', 'delete', '-l', 'grit.dev/helper=grit-agent');
    assert.equal(await pod(), name);
    await countsOn(0);
    await show('get', 'ckpt');
  });

  it('Restore by hand: the pod is deleted, the next one of the Job takes it', async () => {
    const uid = await path('job', 'train', '{.metadata.uid}');
    const before = await pod();
    await platform.cluster.kubectlApply(RESTORE.replace('$UID', uid));
    await wait('rt/demo', 'jsonpath={.status.phase}=Created');
    // Deleted as the prototype's user does it, in a way that the Job does not count.
    await kubectl(
      'create',
      '--raw',
      `/api/v1/namespaces/default/pods/${before}/eviction`,
      '-f',
      await eviction(before),
    );
    await wait('rt/demo', 'jsonpath={.status.phase}=Restored');
    const target = await path('rt', 'demo', '{.status.targetPod}');
    assert.notEqual(target, before);
    assert.equal(await path('pod', target, '{.spec.runtimeClassName}'), 'grit');
    assert.equal(await path('pod', target, '{.metadata.annotations.grit\\.dev/restore-name}'), 'demo');
    assert.equal(await path('rt', 'demo', '{.metadata.annotations.grit\\.dev/pod-selected}'), 'true');
    await countsOn(1);
    await show('get', 'ckpt,rt');
  });

  it('Checkpoint with autoMigration: up to Submitted, and the Restore that it makes is Restored', async () => {
    await wait('pod', 'condition=Ready', '-l', 'app=train', '--field-selector=status.phase=Running');
    await platform.cluster.kubectlApply(AUTO.replace('$YOUR_POD', await pod()));
    await wait('ckpt/auto', 'jsonpath={.status.phase}=Submitted');
    await wait('rt/auto', 'jsonpath={.status.phase}=Restored');
    const phases = ['Created', 'Pending', 'Checkpointing', 'Checkpointed', 'Submitting', 'Submitted'];
    assert.deepEqual(await reached('ckpt', 'auto'), phases);
    await countsOn(1);
  });

  it('Migration: one line for the pod', async () => {
    await wait('pod', 'condition=Ready', '-l', 'app=train', '--field-selector=status.phase=Running');
    const from = await pod();
    await platform.cluster.kubectlApply(MIGRATION.replace('$YOUR_POD', from));
    await wait('migration/move', 'jsonpath={.status.phase}=Succeeded');
    assert.notEqual(await path('migration', 'move', '{.status.targetPod}'), from);
    assert.equal(await path('job', 'train', '{.status.failed}'), '');
    await countsOn(1);
    await show('get', 'ckpt,rt,migration');
    await show('get', 'gritnodes');
    await show('describe', 'migration', 'move');
  });

  async function eviction(name: string): Promise<string> {
    const file = join(platform.cluster.directory, 'eviction.json');
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } };
    await writeFile(file, JSON.stringify(body));
    return file;
  }
});
