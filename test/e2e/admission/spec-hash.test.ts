// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import {
  KubeClient,
  openCertificates,
  kubernetesConfig,
  PODS,
  podSpecHash,
  startWebhookServer,
  type Pod,
  type WebhookServer,
} from '@grit/plugin-kubernetes';
import { MemoryLogger } from '@grit/plugin-testing';
import { clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import {
  deploymentObject,
  DEPLOYMENTS,
  jobObject,
  podObject,
  JOBS,
  STATEFUL_SETS,
  statefulSetObject,
} from '../../simulated/workload-objects.js';
import { until } from './until.js';

describe('hash of a pod spec, on a real API server', function () {
  this.timeout(300_000);
  const end = new AbortController();
  const seen: Pod[] = [];
  let cluster: Cluster;
  let server: WebhookServer | undefined;

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    cluster = await startCluster({}, AbortSignal.timeout(240_000));
  });
  after(async () => {
    end.abort();
    await server?.close();
    await (cluster as Cluster | undefined)?.stop();
  });

  it('is the same at the admission, in the store, and for each twin', async () => {
    const admin = KubeClient.fromConfig({ kubeconfig: cluster.kubeconfig });
    await recordPods(admin);
    const spec = {
      initContainers: [{ name: 'first', image: 'localhost/first:1' }],
      volumes: [
        { name: 'work', emptyDir: {} },
        { name: 'settings', configMap: { name: 'settings' } },
      ],
    };
    const indexed = jobObject('indexed', 'default', { spec: { ...spec, subdomain: 'peers' } });
    const twice = { ...indexed, spec: { ...indexed.spec, completionMode: 'Indexed', completions: 2, parallelism: 2 } };
    await admin.create(JOBS, jobObject('alone', 'default', { spec }), {}, end.signal);
    await admin.create(JOBS, twice, {}, end.signal);
    await admin.create(DEPLOYMENTS, deploymentObject('web', 'default', 2, { spec }), {}, end.signal);
    await admin.create(STATEFUL_SETS, statefulSetObject('db', 'default', 2, { spec }), {}, end.signal);
    const stored = async (): Promise<Pod[]> => (await admin.list(PODS, { namespace: 'default' }, end.signal)).items;
    // The second pod of a StatefulSet is made when the first one is ready.
    await until('the pods are made', async () => (await stored()).length >= 6);
    const pods = await stored();
    const owners = new Set(pods.map(ownerUid));
    assert.equal(owners.size, 4);
    for (const uid of owners) {
      const hashes = [...seen, ...pods].filter((pod) => ownerUid(pod) === uid).map((pod) => podSpecHash(pod));
      assert.ok(hashes.length >= 2);
      assert.equal(new Set(hashes).size, 1, `pods of ${uid}: ${hashes.join(', ')}`);
    }
    assert.equal(new Set(pods.map((pod) => podSpecHash(pod))).size > 1, true, 'another program, another hash');
  });

  async function recordPods(admin: KubeClient): Promise<void> {
    const logger = new MemoryLogger();
    const url = `https://${cluster.address}`;
    const settings = kubernetesConfig({ namespace: 'default', webhook: { url } });
    const context = { client: admin, settings, logger, clock: () => new Date() };
    const certificates = await openCertificates(context, end.signal);
    const handlers = {
      '/record': async ({ object }: { object: unknown }) => {
        seen.push(object as Pod);
        return {};
      },
    };
    server = await startWebhookServer({
      host: cluster.address,
      port: 0,
      tls: () => certificates.current,
      handlers,
      logger,
    });
    const caBundle = Buffer.from(certificates.current.ca).toString('base64');
    const recorder = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: 'recorder' },
      webhooks: [
        {
          name: 'record.grit.dev',
          clientConfig: { url: `${url}:${server.address.port}/record`, caBundle },
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    };
    await cluster.kubectlApply(JSON.stringify(recorder));
    const probe = podObject('probe', 'default');
    await until('pods are recorded', async () => {
      // At first there is no ServiceAccount yet.
      await admin.create(PODS, probe, { dryRun: true }, end.signal).catch(() => undefined);
      return seen.length > 0;
    });
  }
});

function ownerUid(pod: Pod): string {
  return pod.metadata.ownerReferences?.[0]?.uid ?? '';
}
