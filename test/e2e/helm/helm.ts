// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { Cluster } from '../../cluster/index.js';
import { buildModule } from '../../cluster/binaries.js';
import { runProgram } from '../../cluster/run-program.js';

/** What people install. */
export const CHART = join(import.meta.dirname, '../../../deploy/helm/grit');

export const NAMESPACE = 'grit-system';

/** Helm as an administrator of the cluster; resolves with what it says on stdout. */
export async function helm(cluster: Cluster, ...args: readonly string[]): Promise<string> {
  const program = join(await buildModule('helm'), 'helm');
  const home = join(cluster.directory, 'helm');
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home };
  return runProgram(program, [...args, '--namespace', NAMESPACE], { env });
}
