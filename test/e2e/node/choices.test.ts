// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { BUSYBOX_IMAGE, clusterUnavailable } from '../../cluster/index.js';
import { until } from '../../cluster/until.js';
import { checkTally } from '../../workloads/tally-log.js';
import { RealPlatform } from '../kubernetes/real-platform.js';

const NODES = ['node-a', 'node-b'];
const HOSTNAME = 'kubernetes.io/hostname';

/** A volume that only one node has, and the claim that is bound to it. */
const LOCAL = `
apiVersion: v1
kind: PersistentVolume
metadata: { name: local }
spec:
  capacity: { storage: 1Mi }
  accessModes: [ReadWriteOnce]
  hostPath: { path: /tmp }
  claimRef: { namespace: default, name: local }
  nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ${HOSTNAME}, operator: In, values: [node-a] }] }] } }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: local, namespace: default }
spec: { accessModes: [ReadWriteOnce], storageClassName: '', volumeName: local, resources: { requests: { storage: 1Mi } } }
`;

describe('what a pod and its Migration ask for, on two real nodes', function () {
  this.timeout(300_000);
  let signal: AbortSignal;
  let platform: RealPlatform;

  before(async function () {
    signal = AbortSignal.timeout(600_000);
    const reason = await clusterUnavailable({ nodes: NODES });
    if (reason !== undefined) this.skip(reason);
    platform = await RealPlatform.start(NODES, signal);
    await platform.makeStore(join(platform.cluster.directory, 'store'));
  });
  after(async () => {
    // Skipped: there is none.
    await (platform as RealPlatform | undefined)?.stop();
  });

  /** A bare pod whose containers leave a line when they begin, and count. Returns when it runs. */
  async function countingPod(name: string, containers: readonly string[], more: object = {}): Promise<void> {
    const script = (file: string): string =>
      `echo begun >>/data/${file}; n=0; while :; do n=$((n+1)); echo $n >>/data/${file}; usleep 50000; done`;
    const spec = {
      terminationGracePeriodSeconds: 0,
      volumes: [{ name: 'data', emptyDir: {} }],
      containers: containers.map((container) => ({
        name: container,
        image: BUSYBOX_IMAGE,
        imagePullPolicy: 'Never',
        command: ['sh', '-c', script(container)],
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
      })),
      nodeSelector: { [HOSTNAME]: 'node-a' },
      ...more,
    };
    const metadata = { name, namespace: 'default' };
    await platform.cluster.kubectlApply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata, spec }));
    await platform.wait(`pod/${name}`, 'condition=Ready');
  }

  /** Lines that a container has written. */
  async function lines(pod: string, container: string): Promise<string[]> {
    const text = await platform.kubectl('exec', pod, '-c', container, '--', 'cat', `/data/${container}`);
    return text.trimEnd().split('\n');
  }

  async function countsOn(pod: string, container: string): Promise<void> {
    const before = (await lines(pod, container)).length;
    await until('it counts on', signal, async () => (await lines(pod, container)).length > before + 3);
    checkTally(await lines(pod, container), container, 'begun');
  }

  async function migrate(name: string, spec: object): Promise<void> {
    const kind = { apiVersion: 'kaito.sh/v1alpha1', kind: 'Migration' };
    await platform.cluster.kubectlApply(
      JSON.stringify({ ...kind, metadata: { name, namespace: 'default' }, spec: { podName: name, ...spec } }),
    );
  }

  it('nodes say which agent they have, with which plugins', async () => {
    for (const node of NODES) {
      assert.match(await platform.valueOf(`gritnode/${node}`, '{.status.agentVersion}'), /^\d+\.\d+\.\d+/);
      const plugins = await platform.valueOf(`gritnode/${node}`, '{.status.plugins}');
      for (const id of ['plugin-kubernetes', 'runtime-criu', 'storage-pvc'])
        assert.match(plugins, new RegExp(`"${id}"`));
    }
  });

  it('two containers go on where they were, and a third one that is not to be restored begins anew', async () => {
    await countingPod('partly', ['one', 'two', 'log'], { nodeSelector: {} });
    const from = await platform.valueOf('pod/partly', '{.spec.nodeName}');
    await until('they count', signal, async () => (await lines('partly', 'log')).length > 10);
    await migrate('partly', { containers: { restart: ['log'] } });
    await platform.wait('migration/partly', 'jsonpath={.status.phase}=Succeeded');
    assert.notEqual(await platform.valueOf('pod/partly', '{.spec.nodeName}'), from);
    await platform.wait('pod/partly', 'condition=Ready');
    await countsOn('partly', 'one');
    await countsOn('partly', 'two');
    const log = await lines('partly', 'log');
    assert.equal(log.filter((line) => line === 'begun').length, 2, 'beside what it had written before');
  });

  it('a pod that may only be where it is, or whose volume is only there, is left alone, and the reasons are told', async () => {
    await platform.cluster.kubectlApply(LOCAL);
    const volumes = [
      { name: 'data', emptyDir: {} },
      { name: 'local', persistentVolumeClaim: { claimName: 'local' } },
    ];
    await countingPod('tied', ['one'], { volumes });
    await assert.rejects(
      migrate('tied', { nodeName: 'node-b' }),
      /spec\.nodeName: the pod cannot go on on node-b: the nodeSelector of the pod asks for kubernetes\.io\/hostname=node-a/,
    );
    await migrate('tied', {});
    await platform.wait('migration/tied', 'jsonpath={.status.phase}=ReturnedToSource');
    const said = await platform.valueOf('migration/tied', '{.status.conditions[?(@.type=="Succeeded")]}');
    assert.match(said, /NoCompatibleNode/);
    assert.match(said, /node-b: the nodeSelector of the pod asks for kubernetes\.io\/hostname=node-a/);
    assert.match(
      said,
      /the volume of PersistentVolumeClaim local is only where kubernetes\.io\/hostname in \(node-a\)/,
    );
    assert.equal(await platform.valueOf('ckpt', '{.items[?(@.spec.podName=="tied")].metadata.name}'), '');
    await countsOn('tied', 'one');
  });

  it('a pod with a hook that would run twice is left alone', async () => {
    const hooked = {
      name: 'one',
      image: BUSYBOX_IMAGE,
      imagePullPolicy: 'Never',
      command: ['sleep', '100000'],
      lifecycle: { postStart: { exec: { command: ['true'] } } },
    };
    await countingPod('hooked', [], { containers: [hooked] });
    await assert.rejects(migrate('hooked', {}), /container one has a postStart hook \(exec\)/);
  });
});
