// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { BUSYBOX_IMAGE, clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';

const NODES = ['node-a', 'node-b'];

function job(node: string, command: string): string {
  const container = { name: 'main', image: BUSYBOX_IMAGE, command: ['sh', '-c', command] };
  const nodeSelector = { 'kubernetes.io/hostname': node };
  return JSON.stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `on-${node}`, namespace: 'default' },
    spec: {
      backoffLimit: 0,
      template: { spec: { restartPolicy: 'Never', runtimeClassName: 'grit', nodeSelector, containers: [container] } },
    },
  });
}

describe('test cluster: nodes', function () {
  this.timeout(300_000);
  let cluster: Cluster;

  before(async function () {
    const reason = await clusterUnavailable({ nodes: NODES });
    if (reason !== undefined) this.skip(reason);
    cluster = await startCluster({ nodes: NODES }, AbortSignal.timeout(240_000));
    const runtimeClass = { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', handler: 'grit' };
    await cluster.kubectlApply(JSON.stringify({ ...runtimeClass, metadata: { name: 'grit' } }));
  });
  after(async () => {
    // Skipped: there is none.
    await (cluster as Cluster | undefined)?.stop();
  });

  it('a Job runs to its end on each, with the handler grit, and its output is there', async () => {
    for (const node of NODES) await cluster.kubectlApply(job(node, `echo this is "$(hostname)"`));
    for (const node of NODES) {
      await cluster.kubectl('wait', `job/on-${node}`, '--for=condition=Complete', '--timeout=180s');
      const placed = ['get', 'pods', '-l', `job-name=on-${node}`, '-o', 'jsonpath={.items[*].spec.nodeName}'];
      assert.equal(await cluster.kubectl(...placed), node);
      assert.match(await cluster.kubectl('logs', `job/on-${node}`), new RegExp(`^this is on-${node}-`));
    }
  });

  it('a pod reaches the API server at the address that its environment names', async () => {
    const call = 'echo | nc -w 60 "$KUBERNETES_SERVICE_HOST" "$KUBERNETES_SERVICE_PORT" > /dev/null && echo reached';
    await cluster.kubectl('delete', 'job', '--all');
    await cluster.kubectlApply(job('node-b', call));
    await cluster.kubectl('wait', 'job/on-node-b', '--for=condition=Complete', '--timeout=180s');
    assert.equal((await cluster.kubectl('logs', 'job/on-node-b')).trim(), 'reached');
  });

  it('containers go on while kubelet and containerd of their node are gone', async () => {
    await cluster.kubectl('delete', 'job', '--all');
    await cluster.kubectlApply(job('node-a', 'while :; do date +%s; sleep 1; done'));
    const selector = ['pods', '-l', 'job-name=on-node-a'];
    await cluster.kubectl('wait', ...selector, '--for=create', '--timeout=120s');
    await cluster.kubectl('wait', ...selector, '--for=condition=Ready', '--timeout=180s');
    const state = 'jsonpath={.items[0].status.containerStatuses[0].containerID}';
    const before = await cluster.kubectl('get', ...selector, '-o', state);
    await cluster.node('node-a').stop();
    await cluster.node('node-a').start();
    const id = before.replace('containerd://', '');
    assert.match(await cluster.node('node-a').ctr('tasks', 'list'), new RegExp(`${id}\\s+\\d+\\s+RUNNING`));
    assert.equal(await cluster.kubectl('get', ...selector, '-o', state), before);
  });
});
