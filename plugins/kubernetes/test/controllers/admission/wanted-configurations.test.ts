// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { kubernetesConfig } from '../../../src/config.js';
import { coveredNamespaces } from '../../../src/controllers/admission/covered-namespaces.js';
import { includes } from '../../../src/controllers/admission/includes.js';
import {
  mutatingOurs,
  mutatingPods,
  validatingOurs,
} from '../../../src/controllers/admission/wanted-configurations.js';
import type { Restore, RestoreStatus } from '../../../src/api/restore.js';

describe('webhook configurations', () => {
  it('reach the Service of the servers, or a URL', () => {
    const client = (config: Parameters<typeof kubernetesConfig>[0]) =>
      validatingOurs(kubernetesConfig(config), 'CA').webhooks?.[0]?.clientConfig;
    const caBundle = Buffer.from('CA').toString('base64');
    const service = { name: 'grit-webhook', namespace: 'grit-system', port: 443, path: '/validate/checkpoint' };
    assert.deepEqual(client({}), { service, caBundle });
    assert.deepEqual(client({ webhook: { url: 'https://10.0.0.1:10350/' } }), {
      url: 'https://10.0.0.1:10350/validate/checkpoint',
      caBundle,
    });
  });

  it('fail closed, and catch pods only where a Restore waits', () => {
    const [webhook] = mutatingPods(kubernetesConfig(), 'CA', ['a', 'b']).webhooks ?? [];
    assert.equal(webhook?.failurePolicy, 'Fail');
    assert.deepEqual(webhook.namespaceSelector, {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['a', 'b'] }],
    });
  });

  it('see pods for their GPU profile only where it is switched on, only with the label, and fail open', () => {
    const [defaults, ...none] = mutatingOurs(kubernetesConfig(), 'CA').webhooks ?? [];
    assert.deepEqual(none, []);
    const on = mutatingOurs(kubernetesConfig({ gpuProfiles: { enabled: true } }), 'CA').webhooks ?? [];
    assert.deepEqual(on[0], defaults, 'that of Restores is the same');
    assert.equal(on.length, 2);
    assert.equal(on[1]?.failurePolicy, 'Ignore');
    assert.deepEqual(on[1].objectSelector, {
      matchExpressions: [{ key: 'grit.dev/gpu-profile', operator: 'Exists' }],
    });
    assert.deepEqual(on[1].rules, [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: 'Namespaced' },
    ]);
  });
});

describe('coveredNamespaces', () => {
  it('are those with a Restore that has not ended', () => {
    const restores = [
      restore('new'),
      restore('again', { phase: 'Created', failures: 1 }),
      restore('again', { phase: 'Pending' }),
      restore('taken', { phase: 'Restoring', targetPod: 'p', targetPodUID: 'u' }),
      restore('done', { phase: 'Restored' }),
      restore('cold', { phase: 'ColdStarted' }),
      restore('failed', { phase: 'Failed' }),
      { ...restore('allowed', { phase: 'Failed' }), spec: { checkpointName: 'c', fallback: 'fresh' as const } },
      restore('kube-system'),
      restore('grit-system'),
    ];
    assert.deepEqual(coveredNamespaces(restores, 'grit-system'), ['again', 'failed', 'new', 'taken']);
    const deleted = {
      ...restore('new'),
      metadata: { ...restore('new').metadata, deletionTimestamp: '2026-11-28T00:00:00Z' },
    };
    assert.deepEqual(coveredNamespaces([deleted], 'grit-system'), []);
  });
});

describe('includes', () => {
  it('overlooks fields that the API server added, and nothing else', () => {
    assert.ok(includes({ a: 1, b: [{ c: 2, d: 3 }], e: 4 }, { a: 1, b: [{ c: 2 }] }));
    assert.ok(!includes({ a: 1 }, { a: 1, b: 2 }));
    assert.ok(!includes({ b: [1, 2] }, { b: [1] }));
    assert.ok(!includes({ b: [2] }, { b: [1] }));
    assert.ok(!includes(undefined, { b: 1 }));
    assert.ok(includes({}, { b: undefined }));
  });
});

function restore(namespace: string, status?: RestoreStatus): Restore {
  const made = { metadata: { name: 'r', namespace }, spec: { checkpointName: 'c' } };
  return status === undefined ? made : { ...made, status };
}
