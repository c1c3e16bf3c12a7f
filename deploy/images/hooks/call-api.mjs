// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** A call to the API server with the rights of this pod; undefined for what is not there. */
export async function callApi(method, path, body, patch = 'strategic-merge-patch') {
  const response = await fetch(server + path, {
    method,
    headers: {
      authorization: `Bearer ${readFileSync(TOKEN, 'utf8').trim()}`,
      'content-type': `application/${patch}+json`,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}
