// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  BUSYBOX_IMAGE,
  clusterUnavailable,
  startCluster,
  type Cluster,
  type ClusterNode,
} from '../../cluster/index.js';
import { PackagesUnavailable } from '../../cluster/images/debian-root.js';
import { gritImages } from '../../cluster/grit-image.js';
import { until } from '../../cluster/until.js';
import { CHART, helm, NAMESPACE } from './helm.js';
import { tracesOn } from './node-traces.js';
import { Release } from './release.js';
import { redisCertificate } from './redis-certificate.js';

const NODES = ['node-a', 'node-b'];
const CLAIM = 'ckpt-store';
/** Among the traces on a node. */
const WRAPPER = 'root/opt/grit/runc-grit';
/** Values that change what there is, each list together. */
const VARIANTS = [
  [
    'redis.enabled=false',
    'redis.url=rediss://10.0.0.1:6380/1',
    'redis.tls.secretName=ca',
    'redis.passwordSecret.name=own',
  ],
  ['redis.tls.enabled=true', 'redis.tls.secretName=redis-tls', 'redis.persistence.enabled=true'],
  [
    'crds.keep=false',
    'webhook.networkPolicy=false',
    'runtimeClass.create=false',
    'cleanUpNodes=false',
    'webhook.certificateSecret=own',
  ],
  ['agent.runtime=runtime-nvidia', 'gpuProfiles.enabled=true', 'gpuProfiles.profiles.ours.NCCL_DEBUG=WARN'],
];
const WITH_TLS = ['redis.tls.enabled=true', 'redis.tls.secretName=redis-tls'];

describe('the chart, on two real nodes without the handler', function () {
  this.timeout(600_000);
  let started: Cluster | undefined;
  let cluster: Cluster;
  let nodes: readonly ClusterNode[];
  let release: Release;
  let untouched: readonly Readonly<Record<string, string>>[];

  const kubectl = (...args: string[]): Promise<string> => cluster.kubectl(...args);
  const inRelease = (...args: string[]): Promise<string> => release.kubectl(...args);
  const wait = (...args: string[]): Promise<void> => release.wait(...args);
  /** How often containerd was started, on each node. */
  const starts = (): Promise<readonly number[]> =>
    Promise.all(
      NODES.map(async (name) => {
        const log = await readFile(join(cluster.directory, `containerd-${name}.log`), 'utf8');
        return log.match(/containerd successfully booted/g)?.length ?? 0;
      }),
    );
  const apply = async (kind: string, name: string, spec: object): Promise<void> => {
    const object = { apiVersion: 'kaito.sh/v1alpha1', kind, metadata: { name, namespace: 'default' }, spec };
    // The API server may still know servers that an upgrade has ended.
    await until(`the ${kind} ${name} is taken`, AbortSignal.timeout(60_000), () =>
      cluster.kubectlApply(JSON.stringify(object)).then(
        () => true,
        (error: unknown) => {
          if (!String(error).includes('failed calling webhook')) throw error;
          return false;
        },
      ),
    );
  };
  const counted = async (): Promise<readonly number[]> =>
    (await kubectl('logs', 'counter')).split('\n').filter(Boolean).map(Number);
  const nodeOfPod = (): Promise<string> => kubectl('get', 'pod', 'counter', '-o', 'jsonpath={.spec.nodeName}');
  const runningSince = (): Promise<string> =>
    kubectl('get', 'pod', 'counter', '-o', 'jsonpath={.status.containerStatuses[0].containerID}{.status.startTime}');

  before(async function () {
    const reason = await clusterUnavailable({ nodes: NODES });
    if (reason !== undefined) this.skip(reason);
    const signal = AbortSignal.timeout(400_000);
    const images = await gritImages(signal).catch((error: unknown) => {
      if (error instanceof PackagesUnavailable) return this.skip(error.message);
      throw error;
    });
    started = await startCluster({ nodes: NODES, handler: false }, signal);
    cluster = started;
    nodes = NODES.map((name) => cluster.node(name));
    release = await Release.prepare(cluster, NODES, images);
    untouched = nodes.map(tracesOn);
    await cluster.kubectlApply(await workload(cluster.directory));
    await wait('pod/counter', '--for=condition=Ready');
  });

  after(async () => {
    await started?.stop();
  });

  it('is well made, and the API server takes all that it has', async () => {
    assert.match(await helm(cluster, 'lint', CHART, '--strict', '--values', release.values), /0 chart\(s\) failed/);
    const all = await release.template();
    const manifests = join(cluster.directory, 'manifests.yaml');
    await writeFile(manifests, all);
    const said = await kubectl('apply', '--dry-run=server', '--filename', manifests);
    assert.match(said, /daemonset.apps\/grit-agent created \(server dry run\)/);
    for (const more of VARIANTS) {
      await writeFile(manifests, await release.template(more));
      await kubectl('apply', '--dry-run=server', '--filename', manifests);
    }
    await assert.rejects(release.template(['server.replicas=none']), /replicas/);
  });

  it('installed, servers and agents are Ready, and containerd was restarted once on each node', async () => {
    const said = await release.run('install');
    assert.match(said, /kubectl wait gritnode --all/);
    await release.untilAtWork();
    assert.deepEqual(await starts(), [2, 2]);
  });

  it('a pod is checkpointed into a claim, through the queue of the chart', async () => {
    await apply('Checkpoint', 'first', { podName: 'counter', volumeClaim: { claimName: CLAIM } });
    await wait('checkpoint/first', '--for=jsonpath={.status.phase}=Checkpointed');
  });

  it('upgraded, to a queue with TLS, everything is made anew but for what is on the nodes already', async () => {
    const pod = await runningSince();
    const password = await inRelease('get', 'secret/grit-redis', '-o', 'jsonpath={.data}');
    // As if the installer of this node had been killed before it restarted containerd.
    await writeFile(join(cluster.node('node-a').directory, 'root/opt/grit/restart-pending'), '');
    const address = await inRelease('get', 'service/grit-redis', '-o', 'jsonpath={.spec.clusterIP}');
    await cluster.kubectlApply(JSON.stringify(await redisCertificate(cluster.directory, NAMESPACE, address)));
    await release.run('upgrade', WITH_TLS);
    await release.untilAtWork();
    assert.deepEqual(await starts(), [3, 2]);
    assert.equal(await inRelease('get', 'secret/grit-redis', '-o', 'jsonpath={.data}'), password);
    assert.equal(await runningSince(), pod);
  });

  it('a pod is moved to the other node under an upgrade, and goes on where it was', async () => {
    const from = await nodeOfPod();
    const nodeName = NODES.find((name) => name !== from);
    const [before = 0] = (await counted()).slice(-1);
    await apply('Migration', 'move', { podName: 'counter', nodeName, volumeClaim: { claimName: CLAIM } });
    await release.run('upgrade', [...WITH_TLS, 'log.level=debug']);
    await release.untilAtWork();
    await wait('migration/move', '--for=jsonpath={.status.phase}=Succeeded');
    assert.equal(await nodeOfPod(), nodeName);
    // It counts once a second: it may have said nothing since.
    await until('the pod counts on', AbortSignal.timeout(30_000), async () => (await counted()).length > 1);
    const after = await counted();
    const [first = 0] = after;
    assert.ok(first > before, `it had come to ${before}, and began with ${first}`);
    assert.deepEqual(
      after,
      [...after.keys()].map((index) => first + index),
    );
  });

  it('uninstalled, nodes and cluster are as they were before, but for the resources and what is stored', async () => {
    const pod = await runningSince();
    await kubectl('delete', 'migrations,restores,checkpoints', '--all', '--timeout=120s');
    await helm(cluster, 'uninstall', 'grit', '--wait', '--timeout', '300s');
    assert.equal(await runningSince(), pod);
    const traces = nodes.map(tracesOn);
    const at = NODES.indexOf(await nodeOfPod());
    // Its container was started with the wrapper, and could not be ended without it.
    const { [WRAPPER]: wrapper = '', ...others } = traces[at] ?? {};
    assert.match(wrapper, /^#!\/bin\/sh\nPATH='.*' exec '.*runc' "\$@"\n$/);
    assert.deepEqual(traces.with(at, others), untouched);
    await kubectl('delete', 'pod/counter', '--timeout=60s');
    const kinds = 'pods,services,configmaps,secrets,serviceaccounts,leases,roles,networkpolicies,daemonsets';
    const left = (await inRelease('get', kinds, '--output=name')).trim().split('\n');
    assert.deepEqual(left.sort(), ['configmap/kube-root-ca.crt', 'secret/redis-tls', 'serviceaccount/default']);
    const wide =
      'clusterroles,clusterrolebindings,runtimeclasses,validatingwebhookconfigurations,mutatingwebhookconfigurations';
    assert.doesNotMatch(await kubectl('get', wide, '--output=name'), /\/grit/);
    assert.equal(await kubectl('get', 'gritnodes', '--output=name'), '');
    assert.match(await kubectl('get', 'crds', '--output=name'), /checkpoints\.kaito\.sh/);
    // What was left belongs to the next release of that name.
    await release.run('install', [], '--dry-run=server');
  });
});

/** A pod that counts, and a claim that both nodes can mount. */
async function workload(directory: string): Promise<string> {
  const path = join(directory, 'volume');
  await mkdir(path, { mode: 0o777 });
  const size = { storage: '1Gi' };
  const common = { accessModes: ['ReadWriteMany'], storageClassName: '' };
  const claimRef = { namespace: 'default', name: CLAIM };
  const count = 'i=0; while :; do i=$((i+1)); echo $i; sleep 1; done';
  const container = { name: 'main', image: BUSYBOX_IMAGE, imagePullPolicy: 'Never', command: ['sh', '-c', count] };
  const manifests = [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: CLAIM },
      spec: { ...common, capacity: size, hostPath: { path }, claimRef },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: CLAIM, namespace: 'default' },
      spec: { ...common, volumeName: CLAIM, resources: { requests: size } },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'counter', namespace: 'default' },
      spec: { terminationGracePeriodSeconds: 0, containers: [container] },
    },
  ];
  return manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
}
