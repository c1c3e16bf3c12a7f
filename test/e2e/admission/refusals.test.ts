// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {
  CHECKPOINTS,
  KubeError,
  KEYS,
  MIGRATIONS,
  RESTORES,
  STORES,
  type CheckpointSpec,
  type CheckpointStoreSpec,
  type KubeObject,
  type MigrationSpec,
  type ResourceType,
  type RestoreSpec,
} from '@grit/plugin-kubernetes';
import { clusterUnavailable } from '../../cluster/index.js';
import { AdmissionPlatform } from './admission-platform.js';
import { createRefusalWorld } from './refusal-world.js';
import { checkpointObject, JOB, migrationObject, restoreObject } from './some-objects.js';

const NS = 'people';
const CLAIM = { volumeClaim: { claimName: 'ckpt-store' } };

type Refusal = readonly [what: string, problem: RegExp];

describe('admission: what it refuses, and what it says', function () {
  this.timeout(300_000);
  let platform: AdmissionPlatform;

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    platform = await AdmissionPlatform.start();
    await createRefusalWorld(platform, NS);
  });
  after(() => (platform as AdmissionPlatform | undefined)?.stop());

  const checkpoints: [...Refusal, CheckpointSpec, number?][] = [
    [
      'a pod that is not there',
      /spec\.podName: there is no pod gone in namespace people; .*kubectl get pods/,
      { podName: 'gone', ...CLAIM },
    ],
    [
      'a pod that waits',
      /spec\.podName: pod waiting does not run \(its phase is Pending\); .*wait until it is Running/,
      { podName: 'waiting', ...CLAIM },
    ],
    [
      'a pod that has finished',
      /spec\.podName: pod finished does not run \(its phase is Succeeded\)/,
      { podName: 'finished', ...CLAIM },
    ],
    [
      'a pod of ours',
      /spec\.podName: pod claim-pod is a pod of GRIT itself.*name the pod of your workload/,
      { podName: 'claim-pod', ...CLAIM },
      403,
    ],
    [
      'a node without an agent',
      /spec\.podName: pod on-bare is on node node-bare, where no GRIT agent runs; .*grit-agent/,
      { podName: 'on-bare', ...CLAIM },
    ],
    [
      'a node whose agent cannot work',
      /spec\.podName: pod on-broken is on node node-broken, whose GRIT agent cannot work: criu is missing; install it/,
      { podName: 'on-broken', ...CLAIM },
    ],
    [
      'a claim that is being deleted',
      /claimName: PersistentVolumeClaim leaving is being deleted; name another one/,
      { podName: 'train-1', volumeClaim: { claimName: 'leaving' } },
    ],
    [
      'pod name and selector at once',
      /spec.*podName/,
      { podName: 'train-1', selector: { matchLabels: { app: 'train' } }, ...CLAIM },
    ],
    ['neither pod name nor selector', /spec.*podName/, { ...CLAIM }],
    ['claim and store at once', /spec.*(storage|volumeClaim)/, { podName: 'train-1', storage: 'good', ...CLAIM }],
    [
      'a node that is not there',
      /spec\.podName: pod on-lost is on node node-lost, which is not Ready; .*kubectl describe node/,
      { podName: 'on-lost', ...CLAIM },
    ],
    [
      'a selector without a pod',
      /spec\.selector: chooses no pod .*correct the labels/,
      { selector: { matchLabels: { app: 'none' } }, ...CLAIM },
    ],
    [
      'a selector with several pods',
      /spec\.selector: chooses 2 running pods \(bare, train-1\).*or make a Migration/,
      { selector: { matchLabels: { app: 'train' } }, ...CLAIM },
    ],
    [
      'a claim that is not there',
      /spec\.volumeClaim\.claimName: there is no PersistentVolumeClaim none in namespace people; create it/,
      { podName: 'train-1', volumeClaim: { claimName: 'none' } },
    ],
    [
      'a claim that is not bound',
      /claimName: PersistentVolumeClaim unbound is Pending, not Bound; wait until a volume is bound/,
      { podName: 'train-1', volumeClaim: { claimName: 'unbound' } },
    ],
    [
      'a claim that waits for a pod',
      /claimName: .* is Pending, not Bound; its StorageClass late waits for the first pod .*WaitForFirstConsumer.*Immediate/,
      { podName: 'train-1', volumeClaim: { claimName: 'late' } },
    ],
    [
      'a claim whose volume is lost',
      /claimName: .* is Lost, not Bound; .*use another claim/,
      { podName: 'train-1', volumeClaim: { claimName: 'lost' } },
    ],
    [
      'a claim that is read-only',
      /claimName: .* is ReadOnlyMany, which cannot be written; .*ReadWriteMany/,
      { podName: 'train-1', volumeClaim: { claimName: 'read-only' } },
    ],
    [
      'no store at all',
      /spec\.storage: there is no default CheckpointStore: set spec\.volumeClaim or spec\.storage, or annotate/,
      { podName: 'train-1' },
    ],
    [
      'a store that is not there',
      /spec\.storage: there is no CheckpointStore nowhere; there are/,
      { podName: 'train-1', storage: 'nowhere' },
    ],
    [
      'a store that is not ready',
      /spec\.storage: CheckpointStore broken is NotReady, .*kubectl describe checkpointstore broken/,
      { podName: 'train-1', storage: 'broken' },
    ],
    [
      'a store of others',
      /spec\.storage: CheckpointStore private is not for namespace people: name another one/,
      { podName: 'train-1', storage: 'private' },
    ],
    [
      'a move of a bare pod',
      /spec\.podName: pod bare has no controller .*use a Migration.*or set autoMigration to false/,
      { podName: 'bare', autoMigration: true, ...CLAIM },
    ],
    [
      'a move of a pod of a DaemonSet',
      /spec\.podName: pod daemon belongs to DaemonSet agents, which makes pods for one node only/,
      { podName: 'daemon', autoMigration: true, ...CLAIM },
    ],
    [
      'the stop of a static pod',
      /spec\.podName: pod static is a static pod .*remove its manifest/,
      { podName: 'static', afterCheckpoint: 'stop', ...CLAIM },
    ],
    [
      'a container that is not there',
      /spec\.containers\.exclude\[0\]: the pod has no container side; it has train/,
      { podName: 'train-1', containers: { exclude: ['side'] }, ...CLAIM },
    ],
    [
      'no container left',
      /spec\.containers: leaves no container to be checkpointed; name fewer in exclude/,
      { podName: 'train-1', containers: { exclude: ['train'] }, ...CLAIM },
    ],
    [
      'a hook that would run twice',
      /spec\.podName: pod hooked: container train has a postStart hook \(exec\), which the kubelet would run once more.*grit\.dev\/post-start=again/,
      { podName: 'hooked', ...CLAIM },
    ],
    [
      'a wish for a node that is not there',
      /spec\.restore\.nodeName: there is no node nowhere; leave it out/,
      { podName: 'train-1', autoMigration: true, restore: { nodeName: 'nowhere' }, ...CLAIM },
    ],
  ];
  for (const [what, problem, spec, status] of checkpoints) {
    it(`Checkpoint: ${what}`, () => refused(CHECKPOINTS, checkpointObject(NS, 'refused', spec), problem, status));
  }

  it('Checkpoint: a pod of the system that is to be stopped', async () => {
    const system = checkpointObject('kube-system', 'refused', { podName: 'x', afterCheckpoint: 'stop', ...CLAIM });
    await refused(CHECKPOINTS, system, /metadata\.namespace: pods of kube-system cannot be restored/, 403);
  });

  const restores: [...Refusal, RestoreSpec, number?][] = [
    [
      'a Checkpoint that is not there',
      /spec\.checkpointName: there is no Checkpoint gone in namespace people; .*kubectl get ckpt/,
      { checkpointName: 'gone' },
    ],
    [
      'a Checkpoint without an image',
      /spec\.checkpointName: Checkpoint early is Pending and has no image .*wait until it is Checkpointed/,
      { checkpointName: 'early' },
    ],
    [
      'a Checkpoint that failed',
      /spec\.checkpointName: Checkpoint failed is Failed \(no room\) .*use another one/,
      { checkpointName: 'failed' },
    ],
    [
      'a selector of everything',
      /spec\.selector: .*every pod.*matchLabels or matchExpressions/,
      { checkpointName: 'done', selector: {} },
    ],
    [
      'a wish for a node that is not there',
      /spec\.nodeName: there is no node nowhere; leave it out/,
      { checkpointName: 'done', nodeName: 'nowhere' },
    ],
    [
      'a Checkpoint of another namespace that is not there',
      /spec\.checkpointNamespace: namespace others has no Checkpoint gone that allows namespace people; .*grit\.dev\/allow-namespaces=people/,
      { checkpointName: 'gone', checkpointNamespace: 'others' },
      403,
    ],
    [
      'a Checkpoint of another namespace that does not allow it',
      /spec\.checkpointNamespace: namespace others has no Checkpoint secret that allows namespace people/,
      { checkpointName: 'secret', checkpointNamespace: 'others' },
      403,
    ],
  ];
  for (const [what, problem, spec, status] of restores) {
    it(`Restore: ${what}`, () => refused(RESTORES, restoreObject(NS, 'refused', spec), problem, status));
  }

  it('Restore: from another namespace that allows it', async () => {
    const allowed = restoreObject(NS, 'allowed', { checkpointName: 'shared', checkpointNamespace: 'others' });
    const restore = await platform.admin.create(RESTORES, allowed, { dryRun: true }, platform.signal);
    assert.deepEqual(restore.spec.ownerRef, JOB);
  });

  const migrations: [...Refusal, MigrationSpec][] = [
    ['a pod that is not there', /spec\.podName: there is no pod gone/, { podName: 'gone', ...CLAIM }],
    [
      'a selector without a pod',
      /spec\.selector: chooses no pod/,
      { selector: { matchLabels: { app: 'none' } }, ...CLAIM },
    ],
    [
      'a selector of everything',
      /spec\.selector: .*every pod.*matchLabels or matchExpressions/,
      { selector: {}, ...CLAIM },
    ],
    ['a pod of a DaemonSet', /spec\.podName: pod daemon belongs to DaemonSet agents/, { podName: 'daemon', ...CLAIM }],
    [
      'a deadline that is over',
      /spec\.deadline: 2020-01-01T00:00:00Z is over, it is .*set a later one/,
      { podName: 'train-1', deadline: '2020-01-01T00:00:00Z', ...CLAIM },
    ],
    [
      'the node where it is',
      /spec\.nodeName: pod train-1 is on node-a already/,
      { podName: 'train-1', nodeName: 'node-a', ...CLAIM },
    ],
    [
      'a node that is too old',
      /spec\.nodeName: the pod cannot go on on node-old: CRIU 4\.1\.1 here, 4\.2\.1 there/,
      { podName: 'train-1', nodeName: 'node-old', ...CLAIM },
    ],
    [
      'a node without an agent',
      /spec\.nodeName: the pod cannot go on on node-bare: no GRIT agent has reported/,
      { podName: 'train-1', nodeName: 'node-bare', ...CLAIM },
    ],
    [
      'a store that is not there',
      /spec\.storage: there is no CheckpointStore nowhere/,
      { podName: 'train-1', storage: 'nowhere' },
    ],
  ];
  for (const [what, problem, spec] of migrations) {
    it(`Migration: ${what}`, () => refused(MIGRATIONS, migrationObject(NS, 'refused', spec), problem));
  }

  const stores: [...Refusal, CheckpointStoreSpec][] = [
    ['a plugin that can be none', /spec\.plugin: "no plugin" is no id of a plugin/, { plugin: 'no plugin' }],
    [
      'a secret',
      /spec\.config\.azure\.accountKey: is a secret .*accountKeyFrom: \{ secret:/,
      { plugin: 'storage-blob', config: { azure: { accountKey: 'abc' } } },
    ],
    [
      'a secret that is a file of the node',
      /spec\.config\.s3\.secretAccessKeyFrom: refers to nothing/,
      { plugin: 'storage-blob', config: { s3: { secretAccessKeyFrom: { file: '/etc/shadow' } } } },
    ],
    [
      'a key that it does not have',
      /spec\.encryption\.current: k2 is none of the keys: k1/,
      {
        plugin: 'storage-blob',
        encryption: { current: 'k2', keys: [{ id: 'k1', keyFrom: { secret: { name: 's', key: 'k' } } }] },
      },
    ],
    ['no namespace at all', /spec\.namespaces: is empty/, { plugin: 'storage-pvc', namespaces: [] }],
  ];
  for (const [what, problem, spec] of stores) {
    it(`CheckpointStore: ${what}`, () =>
      refused(
        STORES,
        { apiVersion: STORES.apiVersion, kind: STORES.kind, metadata: { name: 'refused' }, spec },
        problem,
      ));
  }

  it('what is right is taken', async () => {
    const { admin, signal } = platform;
    const dryRun = { dryRun: true };
    await admin.create(CHECKPOINTS, checkpointObject(NS, 'right', { podName: 'train-1', ...CLAIM }), dryRun, signal);
    await admin.create(
      CHECKPOINTS,
      checkpointObject(NS, 'right', { podName: 'train-1', autoMigration: true, ...CLAIM }),
      dryRun,
      signal,
    );
    await admin.create(
      CHECKPOINTS,
      checkpointObject(NS, 'right', { podName: 'train-1', storage: 'good' }),
      dryRun,
      signal,
    );
    await admin.create(
      CHECKPOINTS,
      checkpointObject(NS, 'right', { selector: { matchLabels: { app: 'daemon' } }, ...CLAIM }),
      dryRun,
      signal,
    );
    await admin.create(MIGRATIONS, migrationObject(NS, 'right', { podName: 'bare', ...CLAIM }), dryRun, signal);
    await admin.create(
      MIGRATIONS,
      migrationObject(NS, 'right', { podName: 'train-1', nodeName: 'node-b', storage: 'good' }),
      dryRun,
      signal,
    );
  });

  it('a Restore gets hash and owner of the Checkpoint, or the name of a bare pod', async () => {
    const { admin, signal } = platform;
    const owned = await admin.create(
      RESTORES,
      restoreObject(NS, 'r', { checkpointName: 'done' }),
      { dryRun: true },
      signal,
    );
    const done = await admin.get(CHECKPOINTS, { namespace: NS, name: 'done' }, signal);
    assert.equal(owned.metadata.annotations?.[KEYS.podSpecHash], done.status?.podSpecHash);
    assert.deepEqual(owned.spec.ownerRef, JOB);
    const bare = await admin.create(
      RESTORES,
      restoreObject(NS, 'r', { checkpointName: 'done-bare' }),
      { dryRun: true },
      signal,
    );
    assert.equal(bare.spec.podName, 'bare');
    assert.equal(bare.spec.ownerRef, undefined);
    const selector = { matchLabels: { app: 'new' } };
    const chosen = await admin.create(
      RESTORES,
      restoreObject(NS, 'r', { checkpointName: 'done', selector }),
      { dryRun: true },
      signal,
    );
    assert.equal(chosen.spec.ownerRef, undefined);
  });

  async function refused<T extends KubeObject>(
    type: ResourceType<T>,
    object: T,
    problem: RegExp,
    status = 422,
  ): Promise<void> {
    await assert.rejects(platform.admin.create(type, object, { dryRun: true }, platform.signal), (error) => {
      assert.ok(error instanceof KubeError, String(error));
      assert.match(error.message, problem);
      assert.equal(error.status, status, error.message);
      return true;
    });
  }
});
