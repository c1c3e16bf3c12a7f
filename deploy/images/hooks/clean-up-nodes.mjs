// SPDX-License-Identifier: Apache-2.0
// Run in a pod before the chart is uninstalled: turns the DaemonSet of the agents into one that takes everything back from the nodes, and
// waits until it has on each.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const { NAMESPACE, DIRECTORY, KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = process.env;
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
const path = `/apis/apps/v1/namespaces/${NAMESPACE}/daemonsets/grit-agent`;

const patch = {
  spec: {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '100%', maxSurge: 0 } },
    template: {
      spec: {
        terminationGracePeriodSeconds: 5,
        initContainers: [
          { name: 'install', args: ['uninstall', '--directory', DIRECTORY, '--mounted', '/host/programs'] },
        ],
        containers: [{ name: 'agent', args: ['wait'], startupProbe: null, readinessProbe: null, livenessProbe: null }],
      },
    },
  },
};

let daemons = await call('PATCH', patch);
while (daemons !== undefined && !isDone(daemons)) {
  const { numberReady = 0, updatedNumberScheduled = 0, desiredNumberScheduled = 0 } = daemons.status;
  console.log(
    `${Math.min(numberReady, updatedNumberScheduled)} of ${desiredNumberScheduled} nodes are as they were before`,
  );
  await delay(1_000);
  daemons = await call('GET');
}
console.log('the nodes are as they were before');

/** Undefined when there is no DaemonSet (any more): then nothing is to be taken back by it. */
async function call(method, body) {
  const response = await fetch(server + path, {
    method,
    headers: {
      authorization: `Bearer ${readFileSync(TOKEN, 'utf8').trim()}`,
      'content-type': 'application/strategic-merge-patch+json',
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

function isDone({ metadata, status }) {
  const { observedGeneration, desiredNumberScheduled, updatedNumberScheduled = 0, numberReady = 0 } = status;
  if (observedGeneration !== metadata.generation) return false;
  return updatedNumberScheduled === desiredNumberScheduled && numberReady === desiredNumberScheduled;
}
