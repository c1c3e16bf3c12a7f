// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';

interface TestKubeconfig {
  readonly clusters: readonly [{ readonly cluster: { readonly 'certificate-authority': string } }];
  readonly users: readonly [{ readonly user: { readonly token: string } }];
}

interface Answer {
  readonly code: number | undefined;
  readonly text: string;
}

/** GET with the rights of a kubeconfig; of a watch, only the first event is read. */
async function get(cluster: Cluster, kubeconfig: string, path: string): Promise<Answer> {
  const config = JSON.parse(readFileSync(kubeconfig, 'utf8')) as TestKubeconfig;
  const ca = readFileSync(config.clusters[0].cluster['certificate-authority']);
  const headers = { authorization: `Bearer ${config.users[0].user.token}` };
  return await new Promise((resolve, reject) => {
    const call = request(`${cluster.server}${path}`, { ca, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (path.includes('watch=1') && text.includes('\n')) finish();
      });
      const finish = (): void => {
        resolve({ code: response.statusCode, text });
        call.destroy();
      };
      response.once('end', finish);
      response.once('error', reject);
    });
    call.once('error', reject);
    call.end();
  });
}

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

async function resourceVersionOf(cluster: Cluster): Promise<string> {
  const list = await cluster.kubectl('get', '--raw', CONFIG_MAPS);
  return (JSON.parse(list) as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
}

describe('test cluster: control plane', function () {
  this.timeout(300_000);
  let cluster: Cluster;

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    cluster = await startCluster({}, AbortSignal.timeout(240_000));
  });
  after(async () => {
    // Skipped: there is none.
    await (cluster as Cluster | undefined)?.stop();
  });

  it('is ready and knows its admin', async () => {
    assert.deepEqual(await get(cluster, cluster.kubeconfig, '/readyz'), { code: 200, text: 'ok' });
    assert.equal((await cluster.kubectl('auth', 'can-i', '*', '*', '--all-namespaces')).trim(), 'yes');
  });

  it('gives a service account the rights that it was given, and no others', async () => {
    await cluster.kubectl('create', 'serviceaccount', 'reader');
    const kubeconfig = await cluster.kubeconfigFor({ namespace: 'default', name: 'reader' });
    assert.equal((await get(cluster, kubeconfig, CONFIG_MAPS)).code, 403);
    await cluster.kubectl('create', 'role', 'reader', '--verb=list', '--resource=configmaps');
    await cluster.kubectl('create', 'rolebinding', 'reader', '--role=reader', '--serviceaccount=default:reader');
    // The authorizer learns of the binding by a watch.
    let answer = await get(cluster, kubeconfig, CONFIG_MAPS);
    while (answer.code === 403) answer = await get(cluster, kubeconfig, CONFIG_MAPS);
    assert.equal(answer.code, 200);
    assert.equal((await get(cluster, kubeconfig, '/api/v1/namespaces/default/secrets')).code, 403);
  });

  it('refuses a token that it has not given', async () => {
    await assert.rejects(cluster.kubectl('--token=unknown', 'get', 'pods'), /Unauthorized|provide credentials/);
  });

  it('runs the controllers: a Deployment gets its pods', async () => {
    await cluster.kubectlApply(
      JSON.stringify({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'two', namespace: 'default' },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: 'two' } },
          template: {
            metadata: { labels: { app: 'two' } },
            spec: { containers: [{ name: 'main', image: 'localhost/none:1' }] },
          },
        },
      }),
    );
    await cluster.kubectl('wait', 'deployment/two', '--for=jsonpath={.status.replicas}=2', '--timeout=120s');
  });

  it('its API server ends and comes back with all that was there', async () => {
    await cluster.kubectl('create', 'configmap', 'kept', '--from-literal=a=1');
    await cluster.apiServer.stop();
    await assert.rejects(get(cluster, cluster.kubeconfig, '/readyz'), { code: 'ECONNREFUSED' });
    await cluster.apiServer.start();
    assert.equal((await cluster.kubectl('get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}')).trim(), '1');
  });

  it('a watch that goes on from before a compaction is answered 410', async () => {
    const version = await resourceVersionOf(cluster);
    await cluster.etcd.restart({ compact: true });
    const { text } = await get(cluster, cluster.kubeconfig, `${CONFIG_MAPS}?watch=1&resourceVersion=${version}`);
    assert.match(text, /"code":410/);
  });

  it('an etcd that restarts without one keeps everything', async () => {
    await cluster.etcd.restart();
    await cluster.kubectl('create', 'configmap', 'later');
    const names = await cluster.kubectl('get', 'configmaps', '-o', 'name');
    assert.match(names, /configmap\/kept\n[^]*configmap\/later\n/);
  });

  it('a second cluster at the same time is another one', async () => {
    const other = await startCluster({}, AbortSignal.timeout(240_000));
    try {
      assert.notEqual(other.server, cluster.server);
      await other.kubectl('create', 'namespace', 'only-here');
      await assert.rejects(cluster.kubectl('get', 'namespace', 'only-here'), /not found/);
    } finally {
      await other.stop();
    }
    await cluster.kubectl('get', 'namespaces');
  });
});
