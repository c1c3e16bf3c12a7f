// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { findAuditLog, writeAuditPolicy } from './audit.js';
import { buildModule, NODE_MODULES } from './binaries.js';
import type { Cluster, ClusterOptions } from './cluster.js';
import { claimCluster } from './cluster-record.js';
import { ClusterError } from './cluster-error.js';
import { ControlPlane } from './control-plane.js';
import { findAuthority } from './control-plane-programs.js';
import { writeCredentials } from './credentials.js';
import { createKubeconfigFor } from './account-kubeconfig.js';
import { kubectl } from './kubectl.js';
import { writeKubeconfig } from './kubeconfig.js';
import { planNodes, startNodes } from './node-plan.js';
import { reservePort } from './reservation.js';
import { sweepAbandoned, sweepCluster } from './sweep.js';
import { until } from './until.js';

const LOOPBACK = '127.0.0.1';
export const KUBECONFIG = 'admin.kubeconfig';

/**
 * Starts a cluster; resolves when its API server is ready, pods can be created and all nodes are Ready. Builds the
 * programs first where this machine has none. Clusters whose process is gone are removed on the way.
 * Throws ClusterError, and then nothing is left of it; the signal ends the start, not the cluster.
 */
export async function startCluster(options: ClusterOptions, signal: AbortSignal): Promise<Cluster> {
  const [kubernetes, etcd] = [await buildModule('kubernetes', signal), await buildModule('etcd', signal)];
  await sweepAbandoned();
  const { nodes = [], detached = false, handler = true } = options;
  if (nodes.length > 0) for (const module of NODE_MODULES) await buildModule(module, signal);
  const record = claimCluster(options.name ?? `c${randomBytes(4).toString('hex')}`, detached);
  const { name, directory } = record;
  const end = new AbortController();
  const abort = (): void => end.abort(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    signal.throwIfAborted();
    const plan = nodes.length > 0 ? await planNodes(record, nodes, handler) : undefined;
    const address = plan?.network.host ?? LOOPBACK;
    const places = {
      directory,
      kubernetes,
      etcd,
      address,
      port: await reservePort(name),
      etcdPort: await reservePort(name),
      authority: findAuthority(directory),
      ...(options.audit === true ? { audit: writeAuditPolicy(directory) } : {}),
    };
    const credentials = writeCredentials(directory, nodes);
    const access = { server: `https://${address}:${places.port}`, authority: places.authority };
    const kubeconfig = writeKubeconfig(join(directory, KUBECONFIG), { ...access, token: credentials.admin });
    const call = (args: readonly string[], input?: string): Promise<string> =>
      kubectl({ program: join(kubernetes, 'kubectl'), directory, kubeconfig }, args, input);
    const controlPlane = new ControlPlane(record, places, credentials, end.signal);
    await controlPlane.start();
    await until('the service account of the default namespace is there', end.signal, async () => {
      return (await call(['get', 'serviceaccounts', '-o', 'name'])).includes('/default');
    });
    const running = plan === undefined ? [] : await startNodes(plan, access, credentials, call, end.signal);
    return {
      name,
      directory,
      server: access.server,
      kubeconfig,
      address,
      auditLog: findAuditLog(directory),
      apiServer: controlPlane.apiServer,
      etcd: controlPlane.etcd,
      controllerManager: controlPlane.controllerManager,
      scheduler: controlPlane.scheduler,
      kubeconfigFor: createKubeconfigFor(directory, access, call),
      kubectl: (...args) => call(args),
      kubectlApply: (manifest) => call(['apply', '--server-side', '-f', '-'], manifest),
      node: (node) => {
        const found = running.find((one) => one.name === node);
        if (found === undefined) throw new ClusterError(`cluster ${name} has no node ${node}`);
        return found;
      },
      stop: async () => {
        end.abort();
        await sweepCluster(record);
      },
    };
  } catch (error) {
    end.abort();
    await sweepCluster(record);
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
