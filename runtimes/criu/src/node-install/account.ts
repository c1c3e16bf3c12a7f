// SPDX-License-Identifier: Apache-2.0

/** Where a pod finds its rights. */
export const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Written when the agent of this pod is started: its kubeconfig. */
export const STARTED = '/tmp/grit/kubeconfig';

/** The address of the API server, as every pod is told it. */
export function apiServer(): string {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = process.env;
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
