// SPDX-License-Identifier: Apache-2.0
// Run in a pod before the chart is uninstalled: turns the DaemonSet of the agents into one that takes everything back from the nodes, and
// waits until it has on each.
import { setTimeout as delay } from 'node:timers/promises';
import { callApi } from './call-api.mjs';

const { NAMESPACE, DIRECTORY } = process.env;
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
        containers: [{ name: 'agent', args: ['wait'], startupProbe: null }],
      },
    },
  },
};

// Undefined when there is no DaemonSet (any more): then nothing is to be taken back by it.
let daemons = await callApi('PATCH', path, patch);
while (daemons !== undefined && !isDone(daemons)) {
  const { numberReady = 0, updatedNumberScheduled = 0, desiredNumberScheduled = 0 } = daemons.status;
  console.log(
    `${Math.min(numberReady, updatedNumberScheduled)} of ${desiredNumberScheduled} nodes are as they were before`,
  );
  await delay(1_000);
  daemons = await callApi('GET', path);
}
console.log('the nodes are as they were before');

function isDone({ metadata, status }) {
  const { observedGeneration, desiredNumberScheduled, updatedNumberScheduled = 0, numberReady = 0 } = status;
  if (observedGeneration !== metadata.generation) return false;
  return updatedNumberScheduled === desiredNumberScheduled && numberReady === desiredNumberScheduled;
}
