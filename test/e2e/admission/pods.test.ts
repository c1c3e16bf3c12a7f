// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {
  CHECKPOINTS,
  CONFIGURATIONS,
  isInForce,
  KEYS,
  KubeError,
  MUTATING,
  PODS,
  podSpecHash,
  RESTORES,
  type Pod,
  type Restore,
  type RestoreSpec,
} from '@grit/plugin-kubernetes';
import { clusterUnavailable } from '../../cluster/index.js';
import { AdmissionPlatform } from './admission-platform.js';
import { checkpointed, checkpointObject, podObject, restoreObject, runningPod, someClaim } from './some-objects.js';
import { until } from './until.js';

describe('admission of pods', function () {
  this.timeout(300_000);
  let platform: AdmissionPlatform;
  let ns: string;
  let made = 0;

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    platform = await AdmissionPlatform.start();
  });
  after(() => (platform as AdmissionPlatform | undefined)?.stop());

  beforeEach(async () => {
    made += 1;
    ns = await platform.namespace(`pods-${made}`);
    await platform.create(...someClaim(ns));
    const source = await platform.create(PODS, runningPod(ns, 'source'));
    const spec = { podName: 'source', volumeClaim: { claimName: 'ckpt-store' } };
    await platform.create(CHECKPOINTS, checkpointObject(ns, 'demo', spec, checkpointed(source)));
  });

  it('is absent until a Restore waits, and again afterwards', async () => {
    await platform.notInForce(ns);
    const restore = await restoreWaits();
    const other = await platform.namespace(`${ns}-other`);
    await platform.notInForce(other);
    await platform.setStatus(RESTORES, restore, { phase: 'Restored' });
    await platform.notInForce(ns);
  });

  it('is proved in a namespace whose quota has no room', async () => {
    await platform.cluster.kubectl('create', 'quota', 'full', '--hard=pods=0', '-n', ns);
    await restoreWaits();
  });

  it('gives the pod what it needs to go on, and takes the Restore', async () => {
    await restoreWaits();
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['linux'] }] }],
        },
      },
    };
    const pod = await createPod('next', { spec: { affinity } });
    const taken = await restoreNow();
    assert.equal(pod.metadata.annotations?.[KEYS.restoreName], 'demo');
    assert.equal(pod.metadata.annotations[KEYS.reservation], taken.status?.reservation?.token);
    assert.ok(Date.parse(taken.status?.reservation?.at ?? '') > 0);
    assert.equal(pod.spec.runtimeClassName, 'grit');
    // node-old has an older CRIU, node-bare no agent.
    assert.deepEqual(pod.spec.affinity, {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            {
              matchExpressions: [
                { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
                { key: 'kubernetes.io/hostname', operator: 'In', values: ['host-node-a', 'host-node-b'] },
              ],
            },
          ],
        },
      },
    });
    assert.ok(
      pod.spec.tolerations?.some(({ key }) => key === 'gpu'),
      'the toleration of the source',
    );
    const source = await platform.admin.get(PODS, { namespace: ns, name: 'source' }, platform.signal);
    assert.equal(podSpecHash(pod), podSpecHash(source));
  });

  it('goes where the Restore wishes, or says why not', async () => {
    await restoreWaits({ nodeName: 'node-b' });
    const pod = await createPod('next');
    assert.match(JSON.stringify(pod.spec.affinity), /"values":\["host-node-b"\]/);
    await platform.admin.delete(RESTORES, { namespace: ns, name: 'demo' }, {}, platform.signal);
    await restoreWaits({ nodeName: 'node-old' });
    await refused(
      podObject(ns, 'again'),
      /Restore demo waits for this pod, but no node can go on from Checkpoint demo: .*node-old: CRIU 4\.1\.1 here, 4\.2\.1 there/,
    );
    assert.equal((await restoreNow()).status?.reservation, undefined, 'a pod that was refused keeps nothing');
  });

  it('refuses a pod that chose a node where it cannot go on', async () => {
    await restoreWaits();
    const onOld = podObject(ns, 'next', { spec: { nodeName: 'node-old' } });
    await refused(
      onOld,
      /spec\.nodeName: Restore demo waits for this pod, but cannot go on on node-old \(CRIU .*leave nodeName out, or choose one of node-a, node-b/,
    );
    const onNone = podObject(ns, 'next', { spec: { nodeName: 'nowhere' } });
    await refused(onNone, /cannot go on on nowhere \(there is no such node\)/);
    const pod = await createPod('next', { spec: { nodeName: 'node-b' } });
    assert.equal(pod.metadata.annotations?.[KEYS.restoreName], 'demo');
  });

  it('refuses the pod rather than letting it start fresh when the Checkpoint is gone', async () => {
    await restoreWaits();
    await platform.admin.delete(CHECKPOINTS, { namespace: ns, name: 'demo' }, {}, platform.signal);
    await until(
      'the cache knows',
      () => platform.context.informers.checkpoints.get({ namespace: ns, name: 'demo' }) === undefined,
    );
    await refused(
      podObject(ns, 'next'),
      /Restore demo waits for this pod, but cannot restore it: .* no Checkpoint demo .*delete restore demo -n .*spec\.fallback to fresh.*grit\.dev\/retry/,
    );
    await platform.admin.delete(RESTORES, { namespace: ns, name: 'demo' }, {}, platform.signal);
    await platform.notInForce(ns);
    const pod = await createPod('next');
    assert.equal(pod.metadata.annotations?.[KEYS.restoreName], undefined);
  });

  for (const [kind, spec] of [
    ['the owner', {}],
    ['a selector', { selector: { matchLabels: { app: 'train' } } }],
    ['a name', { podName: 'next' }],
  ] as const) {
    it(`a Restore by ${kind} that has failed lets nobody start fresh whom it waits for, and holds up nobody else`, async () => {
      const restore = await restoreWaits(spec);
      const checkpoint = await platform.admin.get(CHECKPOINTS, { namespace: ns, name: 'demo' }, platform.signal);
      const error = { code: 'GRIT_INTERNAL', message: 'the disk was full', hint: 'Make room.', retryable: false };
      await platform.setStatus(CHECKPOINTS, checkpoint, { ...checkpoint.status, phase: 'Failed', error });
      await platform.setStatus(RESTORES, restore, { phase: 'Failed' });
      await untilCached('Failed');
      const labels = { app: 'train' };
      await refused(
        podObject(ns, 'next', { metadata: { labels } }),
        /Restore demo .*Checkpoint demo has failed and has no image: the disk was full\. No pod like it starts/,
      );
      await createPod('stranger', { metadata: { labels: { app: 'other' }, ownerReferences: [] } });
      await platform.admin.patch(
        RESTORES,
        { namespace: ns, name: 'demo' },
        { spec: { fallback: 'fresh' } },
        {},
        platform.signal,
      );
      await platform.notInForce(ns);
      const fresh = await createPod('next', { metadata: { labels } });
      assert.equal(fresh.metadata.annotations?.[KEYS.restoreName], undefined);
    });
  }

  it('a Restore that has failed gets its pod once its Checkpoint can be used again', async () => {
    const restore = await restoreWaits();
    const checkpoint = await platform.admin.get(CHECKPOINTS, { namespace: ns, name: 'demo' }, platform.signal);
    await platform.setStatus(CHECKPOINTS, checkpoint, { ...checkpoint.status, phase: 'Failed' });
    await platform.setStatus(RESTORES, restore, { phase: 'Failed' });
    await untilCached('Failed');
    await refused(podObject(ns, 'next'), /Checkpoint demo has failed/);
    await platform.setStatus(CHECKPOINTS, checkpoint, checkpoint.status);
    // The Restore itself is looked at later: its Checkpoint is what counts.
    const pod = await createPod('next');
    assert.equal(pod.metadata.annotations?.[KEYS.restoreName], 'demo');
  });

  it('a Restore by selector takes a pod of another owner and spec', async () => {
    await restoreWaits({ selector: { matchLabels: { app: 'new' } } });
    const other = await createPod('other');
    assert.equal(other.metadata.annotations?.[KEYS.restoreName], undefined);
    const image = { containers: [{ name: 'new', image: 'localhost/new:1' }] };
    const pod = await createPod('chosen', { metadata: { labels: { app: 'new' }, ownerReferences: [] }, spec: image });
    assert.equal(pod.metadata.annotations?.[KEYS.restoreName], 'demo');
  });

  it('lets pods be that are none of its business', async () => {
    await restoreWaits();
    for (const pod of [
      podObject(ns, 'bare', { metadata: { ownerReferences: [] } }),
      podObject(ns, 'claim', { metadata: { labels: { [KEYS.helper]: 'grit-agent' } } }),
      podObject(ns, 'changed', { spec: { containers: [{ name: 'train', image: 'localhost/train:2' }] } }),
    ]) {
      const created = await platform.admin.create(PODS, pod, {}, platform.signal);
      assert.equal(created.metadata.annotations?.[KEYS.restoreName], undefined, pod.metadata.name);
      assert.equal(created.spec.runtimeClassName, undefined);
    }
    assert.equal((await restoreNow()).status?.reservation, undefined);
  });

  it('holds up the pod that a move waits for when its spec was changed', async () => {
    const restore = restoreObject(ns, 'demo', { checkpointName: 'demo' });
    const annotations = { ...restore.metadata.annotations, [KEYS.checkpointUid]: 'some-uid' };
    await platform.create(RESTORES, { ...restore, metadata: { ...restore.metadata, annotations } });
    await platform.inForce(ns);
    const changed = podObject(ns, 'changed', { spec: { containers: [{ name: 'train', image: 'localhost/train:2' }] } });
    await refused(
      changed,
      /Restore demo waits for the pod .* spec of this one is not .*delete the Restore to let pods start fresh/,
    );
    await createPod('next');
  });

  it('a dry run takes nothing, and proves that the admission is in force', async () => {
    await restoreWaits();
    const pod = await platform.admin.create(PODS, podObject(ns, 'next'), { dryRun: true }, platform.signal);
    assert.equal(pod.metadata.annotations?.[KEYS.admitted], 'true');
    assert.equal(pod.metadata.annotations[KEYS.reservation], undefined);
    assert.equal((await restoreNow()).status?.reservation, undefined);
  });

  it('refuses marks that only we may set', async () => {
    await restoreWaits();
    for (const key of [KEYS.reservation, KEYS.restoreName, KEYS.checkpoint]) {
      const forged = podObject(ns, 'forged', { metadata: { annotations: { [key]: 'demo' } } });
      await refused(forged, /metadata\.annotations\[grit\.dev\/.*\]: only GRIT may set it\. Remove grit\.dev\//);
    }
  });

  it('of 20 pods at once exactly one takes each of 5 Restores', async () => {
    const names = ['r-0', 'r-1', 'r-2', 'r-3', 'r-4'];
    for (const name of names) await platform.create(RESTORES, restoreObject(ns, name, { checkpointName: 'demo' }));
    await platform.inForce(ns, 'r-4');
    await until(
      'all Restores are in the cache',
      () =>
        platform.context.informers.restores.list().filter(({ metadata }) => metadata.namespace === ns).length ===
        names.length,
    );
    const pods = Array.from({ length: 20 }, (_, at) => podObject(ns, `pod-${at}`));
    const answers = await Promise.allSettled(pods.map((pod) => platform.admin.create(PODS, pod, {}, platform.signal)));
    const created = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const taken = created.map(({ metadata }) => metadata.annotations?.[KEYS.restoreName]);
    assert.deepEqual(taken.toSorted(), names);
    for (const pod of created) {
      const name = pod.metadata.annotations?.[KEYS.restoreName] ?? '';
      const restore = await platform.admin.get(RESTORES, { namespace: ns, name }, platform.signal);
      assert.equal(restore.status?.reservation?.token, pod.metadata.annotations?.[KEYS.reservation]);
    }
    // Which of them is the one that was meant is known only when its UID is recorded; until then the others have to come again.
    for (const answer of answers) {
      if (answer.status === 'rejected')
        assert.match(String(answer.reason), /still tied to a pod whose creation is not confirmed yet/);
    }
  });

  it('the oldest Restore comes first', async () => {
    await restoreWaits();
    const first = await restoreNow();
    await until('another second', () => Date.now() > Date.parse(first.metadata.creationTimestamp ?? '') + 1_000);
    await platform.create(RESTORES, restoreObject(ns, 'a-later-one', { checkpointName: 'demo' }));
    const pod = await createPod('next');
    assert.equal(pod.metadata.annotations?.[KEYS.restoreName], 'demo');
  });

  it('twins come through while the pod lives, and the next one takes over when it died', async () => {
    await restoreWaits();
    const pod = await createPod('next');
    await refused(
      podObject(ns, 'twin'),
      /is still tied to a pod whose creation is not confirmed yet; create the pod again/,
    );
    const bound = { phase: 'Pending', targetPod: 'next', targetPodUID: pod.metadata.uid };
    await platform.setStatus(RESTORES, await restoreNow(), bound);
    const twin = await createPod('twin');
    assert.equal(twin.metadata.annotations?.[KEYS.restoreName], undefined, 'the Restore has its pod');
    await platform.admin.delete(PODS, { namespace: ns, name: 'next' }, { gracePeriodSeconds: 0 }, platform.signal);
    await refused(podObject(ns, 'early'), /is still tied to pod next, which ended/);
    await platform.setStatus(RESTORES, await restoreNow(), { phase: 'Created', failures: 1 });
    const heir = await createPod('heir');
    assert.equal(heir.metadata.annotations?.[KEYS.restoreName], 'demo');
  });

  describe('with the label of a GPU profile', () => {
    const labels = { app: 'train', [KEYS.gpuProfile]: 'single-gpu' };
    const env = [{ name: 'UV_USE_IO_URING', value: '0' }];
    const alone = { labels, ownerReferences: [] };
    /** Waits until new pods with the label get their profile, or do no more. */
    const untilInForce = (wanted: boolean): Promise<void> =>
      until(`GPU profiles in force: ${wanted}`, async () => {
        const probe = podObject(ns, 'probe', { metadata: alone });
        const pod = await platform.admin.create(PODS, probe, { dryRun: true }, platform.signal);
        return (pod.metadata.annotations?.[KEYS.gpuProfileApplied] !== undefined) === wanted;
      });

    beforeEach(() => untilInForce(true));

    it('they get its variables, and no others do', async () => {
      const pod = await createPod('labelled', { metadata: alone });
      assert.deepEqual(pod.spec.containers[0]?.['env'], env);
      assert.deepEqual(JSON.parse(pod.metadata.annotations?.[KEYS.gpuProfileApplied] ?? ''), {
        profile: 'single-gpu',
        set: { train: ['UV_USE_IO_URING=0'] },
        kept: {},
      });
      const other = await createPod('other', { metadata: { ownerReferences: [] } });
      assert.equal(other.spec.containers[0]?.['env'], undefined);
      const unknown = ['--labels', `${KEYS.gpuProfile}=singel-gpu`, '--dry-run=server', '--warnings-as-errors'];
      await assert.rejects(
        platform.cluster.kubectl('run', 'unknown', '--image=localhost/train:1', '-n', ns, ...unknown),
        /Warning: there is no GPU profile "singel-gpu" \(did you mean single-gpu\?\), so nothing was set/,
      );
    });

    it('one goes on from a checkpoint of a pod that had none', async () => {
      await restoreWaits();
      const pod = await createPod('next', { metadata: { labels } });
      assert.equal(pod.metadata.annotations?.[KEYS.restoreName], 'demo');
      assert.deepEqual(pod.spec.containers[0]?.['env'], env);
    });

    it('they start without it when the admission is away, or profiles are switched off', async () => {
      await platform.close();
      try {
        const pod = await createPod('away', { metadata: alone });
        assert.equal(pod.spec.containers[0]?.['env'], undefined);
      } finally {
        await platform.open();
      }
      await platform.keepWith({ gpuProfiles: { enabled: false, profiles: {} } });
      try {
        await untilInForce(false);
        const ours = await platform.admin.get(MUTATING, { name: CONFIGURATIONS.ours }, platform.signal);
        assert.deepEqual(
          ours.webhooks?.map(({ name }) => name),
          ['default-restores.grit.dev'],
        );
      } finally {
        await platform.keepWith({});
      }
    });
  });

  it('while it is away, pods are refused where a Restore waits, and nowhere else', async () => {
    await restoreWaits();
    const other = await platform.namespace(`${ns}-other`);
    await platform.close();
    try {
      await refused(podObject(ns, 'next'), /failed calling webhook "pods\.grit\.dev"/);
      await platform.admin.create(PODS, podObject(other, 'next'), {}, platform.signal);
      const claim = podObject(ns, 'claim', { metadata: { labels: { [KEYS.helper]: 'grit-agent' } } });
      await platform.admin.create(PODS, claim, {}, platform.signal);
      assert.equal(await isInForce(platform.context, ns, platform.signal), false);
    } finally {
      await platform.open();
    }
    // As its owner would, again and again.
    let pod: Pod | undefined;
    await until('the pod is let in', async () => {
      pod = await platform.admin.create(PODS, podObject(ns, 'next'), {}, platform.signal).catch(() => undefined);
      return pod !== undefined;
    });
    assert.equal(pod?.metadata.annotations?.[KEYS.restoreName], 'demo');
  });

  async function restoreWaits(spec: Partial<RestoreSpec> = {}): Promise<Restore> {
    const restore = await platform.create(RESTORES, restoreObject(ns, 'demo', { checkpointName: 'demo', ...spec }));
    await platform.inForce(ns);
    return restore;
  }

  async function untilCached(phase: string): Promise<void> {
    const { checkpoints, restores } = platform.context.informers;
    await until(`the caches know that it is ${phase}`, () =>
      [checkpoints, restores].every(
        (informer) => informer.get({ namespace: ns, name: 'demo' })?.status?.phase === phase,
      ),
    );
  }

  function restoreNow(): Promise<Restore> {
    return platform.admin.get(RESTORES, { namespace: ns, name: 'demo' }, platform.signal);
  }

  function createPod(name: string, changes: Parameters<typeof podObject>[2] = {}): Promise<Pod> {
    return platform.admin.create(PODS, podObject(ns, name, changes), {}, platform.signal);
  }

  async function refused(pod: Pod, problem: RegExp): Promise<void> {
    await assert.rejects(platform.admin.create(PODS, pod, {}, platform.signal), (error) => {
      assert.ok(error instanceof KubeError, String(error));
      assert.match(error.message, problem);
      return true;
    });
  }
});
