// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { coreServices, type NodeSteps } from '@grit/plugin-api';
import plugin, { kubernetesConfig } from '@grit/plugin-kubernetes';
import { MemoryLogger } from '@grit/plugin-testing';
import { MemoryJobQueue } from '@grit/queue';
import { clusterUnavailable, startCluster, type Cluster } from '../../cluster/index.js';
import { installGrit } from '../kubernetes/install.js';

const never = new AbortController().signal;

/** A server has no node: whoever asks it for a step of one is wrong. */
const NO_STEPS = new Proxy({} as NodeSteps, {
  get: (_, name) => assert.fail(`a server asked a node for ${String(name)}`),
});

describe('the start of plugin-kubernetes says what is missing', function () {
  this.timeout(240_000);
  let cluster: Cluster | undefined;
  let directory: string;

  /** The plugin's start, as the host makes it. */
  const start = async (kubeconfig: string): Promise<void> => {
    const queue = new MemoryJobQueue();
    assert.deepEqual(plugin.deps, {
      logger: coreServices.logger,
      queue: coreServices.queue,
      host: coreServices.host,
      steps: coreServices.nodeSteps,
    });
    try {
      const config = kubernetesConfig({ kubeconfig, webhook: { host: '127.0.0.1', port: 0 } });
      const host = { role: 'server', node: 'local', version: '0.0.0', plugins: [], stateDirectory: directory } as const;
      const deps = { logger: new MemoryLogger(), queue, host, steps: NO_STEPS };
      const { stop } = await plugin.create({ name: 'kubernetes', config, deps, signal: AbortSignal.timeout(60_000) });
      await stop?.(AbortSignal.timeout(5_000));
    } finally {
      await queue.close();
    }
  };
  const clusterOf = (): Cluster => cluster ?? assert.fail('no cluster');

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    directory = await mkdtemp(join(tmpdir(), 'grit-start-'));
    cluster = await startCluster({ nodes: [] }, never);
  });

  after(async () => {
    await cluster?.stop();
    if (cluster !== undefined) await rm(directory, { recursive: true, force: true });
  });

  it('a kubeconfig', async () => {
    await assert.rejects(start(join(directory, 'nowhere')), { code: 'GRIT_KUBE_CONFIG_INVALID' });
  });

  it('an API server', async () => {
    const text = await readFile(clusterOf().kubeconfig, 'utf8');
    const unreachable = join(directory, 'unreachable');
    // Nothing listens on port 1.
    await writeFile(unreachable, text.replaceAll(clusterOf().server, 'https://127.0.0.1:1'));
    await assert.rejects(start(unreachable), { code: 'GRIT_KUBE_UNREACHABLE' });
  });

  it('rights', async () => {
    const kubeconfig = await clusterOf().kubeconfigFor({ namespace: 'default', name: 'default' });
    await assert.rejects(start(kubeconfig), { code: 'GRIT_KUBE_NOT_ALLOWED' });
  });

  it('resources, and how they are made', async () => {
    const hint = /kubectl apply -f deploy\/kubernetes\/crds/;
    await assert.rejects(start(clusterOf().kubeconfig), { code: 'GRIT_KUBE_CRDS_MISSING', hint });
  });

  it('nothing, once they are there; it ends cleanly', async () => {
    await installGrit(clusterOf(), never);
    const kubeconfig = await clusterOf().kubeconfigFor({ namespace: 'grit-system', name: 'grit-controller' });
    await start(kubeconfig);
  });
});
