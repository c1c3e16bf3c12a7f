// SPDX-License-Identifier: Apache-2.0
// A process that owns a cluster and is killed: prints one line when a container runs on its node, then waits.
import { startCluster } from '../../cluster/index.js';

async function own(): Promise<void> {
  const cluster = await startCluster({ nodes: ['alone'] }, AbortSignal.timeout(240_000));
  await cluster.kubectlApply(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'waiting', namespace: 'default' },
      spec: { containers: [{ name: 'main', image: 'localhost/busybox:1', command: ['sleep', '1000000'] }] },
    }),
  );
  await cluster.kubectl('wait', 'pod/waiting', '--for=condition=Ready', '--timeout=180s');
  process.stdout.write(`${JSON.stringify({ name: cluster.name, directory: cluster.directory })}\n`);
  setInterval(() => undefined, 60_000);
}

void own();
