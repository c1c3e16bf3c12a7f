// SPDX-License-Identifier: Apache-2.0
// Run in a pod after the chart was uninstalled, and before it where the resources go, too: removes what the servers have made, once none of
// them is left to make it anew.
import { setTimeout as delay } from 'node:timers/promises';
import { callApi } from './call-api.mjs';
import { letGo } from './let-go.mjs';

const { NAMESPACE } = process.env;
const pods = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=app.kubernetes.io/part-of%3Dgrit,app.kubernetes.io/component%3Dserver`;
const webhooks = '/apis/admissionregistration.k8s.io/v1';

await callApi('PATCH', `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/grit-server`, { spec: { replicas: 0 } });
while ((await callApi('GET', pods)).items.length > 0) await delay(500);
for (const kind of ['validating', 'mutating']) {
  for (const name of ['grit', 'grit-pods']) await callApi('DELETE', `${webhooks}/${kind}webhookconfigurations/${name}`);
}
await callApi('DELETE', `/api/v1/namespaces/${NAMESPACE}/secrets/grit-webhook-cert`);
await callApi('DELETE', `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`);
await callApi('DELETE', '/apis/kaito.sh/v1alpha1/gritnodes');
await letGo();
console.log('nothing of the servers is left');
