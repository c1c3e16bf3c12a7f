// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CHECKPOINTS,
  GRIT_NODES,
  LEASES,
  MIGRATIONS,
  NODES,
  PODS,
  RESTORES,
  type KubeObject,
  type ResourceType,
} from '@grit/plugin-kubernetes';
import { nodeObject } from '../../simulated/node-object.js';
import { budgetObject, deploymentObject, DEPLOYMENTS, podObject } from '../../simulated/workload-objects.js';
import { NAMESPACE as OURS, type KubePlatform } from '../kubernetes/platform.js';
import { NAMESPACE, never, runningPods } from '../restore/checkpointed-pods.js';
import { readAsked } from './asked.js';

const PATIENCE_MS = 200_000;

/** The flow whose pod is restored only at the third try. */
export const FLAKY = 'moved';

/** Waits until somebody has asked the API server for something. */
async function untilAsked(platform: KubePlatform, what: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await readAsked(platform.cluster.auditLog)).some((one) => one.what === what)) {
    if (performance.now() > end) throw new Error(`nobody was asked to ${what}\n${await platform.controller.logTail()}`);
    // The log is long by now.
    await delay(200);
  }
}

/** A claim that all nodes can mount, bound. */
async function makeClaim(platform: KubePlatform, name: string): Promise<void> {
  const common = `accessModes: [ReadWriteMany], storageClassName: ''`;
  await platform.cluster.kubectlApply(`
apiVersion: v1
kind: PersistentVolume
metadata: { name: ${name} }
spec: { ${common}, capacity: { storage: 1Gi }, hostPath: { path: /tmp } }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: ${name}, namespace: ${NAMESPACE} }
spec: { ${common}, volumeName: ${name}, resources: { requests: { storage: 1Gi } } }
`);
  await platform.kubectl(
    'wait',
    `pvc/${name}`,
    '--namespace',
    NAMESPACE,
    '--for=jsonpath={.status.phase}=Bound',
    '--timeout=60s',
  );
}

/** A checkpoint into a claim whose claim pod takes its time, and which goes by itself. */
async function intoClaim(platform: KubePlatform): Promise<void> {
  await makeClaim(platform, 'shared');
  await platform.create(PODS, podObject('claimed', NAMESPACE, { spec: { nodeName: 'sim-a' } }));
  await runningPods(platform, 'claimed');
  const slow = platform.barriers.close('pod.start', { node: 'sim-a' });
  const ref = { name: 'claimed', namespace: NAMESPACE };
  await platform.create(CHECKPOINTS, {
    metadata: ref,
    spec: { podName: 'claimed', volumeClaim: { claimName: 'shared' }, ttl: '1s' },
  });
  await untilAsked(platform, 'list events');
  slow.open();
  await platform.untilGone(CHECKPOINTS, ref);
}

/** A pod that moves, and whose restore fails some times. */
async function autoMigration(platform: KubePlatform): Promise<void> {
  await move(platform, FLAKY);
  await platform.untilPhase(RESTORES, { name: FLAKY, namespace: NAMESPACE }, 'Restored');
}

/** Makes a Deployment of one pod and a Checkpoint that moves it. */
export async function move(platform: KubePlatform, name: string, stop = '10m'): Promise<void> {
  await platform.create(DEPLOYMENTS, deploymentObject(name, NAMESPACE, 1));
  const [pod] = await runningPods(platform, name);
  await platform.create(CHECKPOINTS, {
    metadata: { name, namespace: NAMESPACE },
    spec: { podName: pod?.metadata.name ?? '', autoMigration: true, timeouts: { stop } },
  });
}

/** A pod that may not be evicted: the move is given up, and its Restore taken back. */
async function givenUp(platform: KubePlatform): Promise<void> {
  const name = 'guarded';
  await platform.cluster.kubectlApply(JSON.stringify(budgetObject(name, NAMESPACE)));
  await move(platform, name, '3s');
  await platform.until(
    CHECKPOINTS,
    { name, namespace: NAMESPACE },
    'was given up',
    ({ status }) => status?.finishedAt !== undefined,
  );
}

/** A bare pod with a volume that is moved; then its Migration goes, and all that belongs to it. */
async function barePod(platform: KubePlatform): Promise<void> {
  await makeClaim(platform, 'kept');
  const volumes = [{ name: 'kept', persistentVolumeClaim: { claimName: 'kept' } }];
  await platform.create(PODS, podObject('bare', NAMESPACE, { spec: { volumes } }));
  await runningPods(platform, 'bare');
  const ref = { name: 'bare', namespace: NAMESPACE };
  await platform.create(MIGRATIONS, { metadata: ref, spec: { podName: 'bare' } });
  const { status } = await platform.untilPhase(MIGRATIONS, ref, 'Succeeded', 'Failed', 'ReturnedToSource');
  assert.equal(status?.phase, 'Succeeded', JSON.stringify(status));
  await untilAsked(platform, 'delete controllerrevisions.apps');
  await platform.client.delete(MIGRATIONS, ref, {}, never);
  await platform.untilGone(CHECKPOINTS, ref);
}

async function bySelector(platform: KubePlatform): Promise<void> {
  await platform.create(DEPLOYMENTS, deploymentObject('many', NAMESPACE, 2));
  await runningPods(platform, 'many', 2);
  const ref = { name: 'many', namespace: NAMESPACE };
  await platform.create(MIGRATIONS, { metadata: ref, spec: { selector: { matchLabels: { app: 'many' } } } });
  await platform.untilPhase(MIGRATIONS, ref, 'Succeeded');
}

/** What admission asks the API server before it refuses: caches may be behind. */
async function refusals(platform: KubePlatform): Promise<void> {
  const refused = async <T extends KubeObject>(type: ResourceType<T>, object: object, why: RegExp): Promise<void> => {
    await assert.rejects(platform.create(type, object as T), why);
  };
  await platform.cluster.kubectlApply(`
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: late }
provisioner: test.grit.dev/nobody
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: unbound, namespace: ${NAMESPACE} }
spec: { accessModes: [ReadWriteMany], storageClassName: late, resources: { requests: { storage: 1Gi } } }
`);
  await platform.create(PODS, podObject('asked', NAMESPACE));
  await runningPods(platform, 'asked');
  const metadata = { name: 'asked', namespace: NAMESPACE };
  const spec = { podName: 'asked', volumeClaim: { claimName: 'unbound' } };
  await refused(CHECKPOINTS, { metadata, spec }, /WaitForFirstConsumer/);
  await refused(RESTORES, { metadata, spec: { checkpointName: 'nowhere' } }, /there is no Checkpoint nowhere/);
  await refused(MIGRATIONS, { metadata, spec: { podName: 'asked', nodeName: 'nowhere' } }, /no node nowhere/);
  // A node without an agent, that claims to run a pod.
  const bare = nodeObject('bare-node', {}, new Date());
  // Cordoned, so that the pods of others do not come to it.
  await platform.client.create(NODES, { ...bare, spec: { ...bare.spec, unschedulable: true } }, {}, never);
  await platform.create(PODS, podObject('lonely', NAMESPACE, { spec: { nodeName: 'bare-node' } }));
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  await platform.client.patch(
    PODS,
    { name: 'lonely', namespace: NAMESPACE },
    { status },
    { subresource: 'status' },
    never,
  );
  await refused(CHECKPOINTS, { metadata, spec: { podName: 'lonely' } }, /lonely is on node bare-node/);
}

/** The Secret of the certificate is damaged, and made anew. */
async function certificates(platform: KubePlatform): Promise<void> {
  const damaged = JSON.stringify({ data: { 'tls.crt': Buffer.from('no').toString('base64') } });
  await platform.kubectl('patch', 'secret', 'grit-webhook-cert', '--namespace', OURS, '--type=merge', '-p', damaged);
  await untilAsked(platform, 'update secrets');
}

/** A node goes for good. Nobody but us may look after what it has left. */
async function nodeGone(platform: KubePlatform): Promise<void> {
  await platform.agents.stop('sim-c');
  platform.nodes.cutOff('sim-c');
  await platform.cluster.controllerManager.stop();
  await platform.client.delete(NODES, { name: 'sim-c' }, {}, never);
  await platform.untilGone(GRIT_NODES, { name: 'sim-c' });
  await untilAsked(platform, 'delete leases.coordination.k8s.io');
  await platform.cluster.controllerManager.start();
}

/** Another replica leads after the first one has died, and gives the lead back. */
async function leaderChange(platform: KubePlatform): Promise<void> {
  const other = await platform.startController();
  const first = platform.controller;
  await first.kill();
  const lease = { namespace: OURS, name: 'grit-controller' };
  const holds = (name: string) =>
    platform.until(LEASES, lease, `is held by ${name}`, ({ spec }) => spec?.holderIdentity === name);
  await holds(other.name);
  await first.start();
  await other.stop();
  await holds(first.name);
}

/** Everything that the components of GRIT do in a cluster. */
export async function runAll(platform: KubePlatform): Promise<void> {
  const flows = [intoClaim, autoMigration, givenUp, barePod, bySelector, refusals, certificates];
  await Promise.all(flows.map((flow) => flow(platform)));
  // Nothing waits for a pod any more.
  await untilAsked(platform, 'delete mutatingwebhookconfigurations.admissionregistration.k8s.io');
  await leaderChange(platform);
  await nodeGone(platform);
}
