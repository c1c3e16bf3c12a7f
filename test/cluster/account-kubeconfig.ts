// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ApiAccess } from './api-request.js';
import type { Cluster } from './cluster.js';
import { writeKubeconfig } from './kubeconfig.js';

/** Makes `Cluster.kubeconfigFor`: every call asks for a token of its own. */
export function createKubeconfigFor(
  directory: string,
  access: Omit<ApiAccess, 'token'>,
  kubectl: (args: readonly string[]) => Promise<string>,
): Cluster['kubeconfigFor'] {
  return async ({ namespace, name }, { node } = {}) => {
    const bound = node === undefined ? [] : ['--bound-object-kind=Node', `--bound-object-name=${node}`];
    const args = ['create', 'token', name, `--namespace=${namespace}`, '--duration=24h', ...bound];
    const token = (await kubectl(args)).trim();
    const file = join(directory, `${name}-${randomUUID()}.kubeconfig`);
    return writeKubeconfig(file, { ...access, token }, namespace);
  };
}
