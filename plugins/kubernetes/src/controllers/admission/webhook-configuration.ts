// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from '../../api/kinds.js';
import type { KubeObject } from '../../api/metadata.js';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly operations: readonly string[];
  readonly resources: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
}

/** One webhook of a configuration (admissionregistration.k8s.io/v1). */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: Readonly<Record<string, unknown>>;
  readonly rules: readonly Rule[];
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly sideEffects: 'None' | 'NoneOnDryRun';
  readonly timeoutSeconds: number;
  readonly admissionReviewVersions: readonly string[];
  readonly matchPolicy: 'Equivalent';
  readonly reinvocationPolicy?: 'IfNeeded' | 'Never';
  readonly objectSelector?: Readonly<Record<string, unknown>>;
  readonly namespaceSelector?: Readonly<Record<string, unknown>>;
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
}

/** A ValidatingWebhookConfiguration or MutatingWebhookConfiguration. */
export interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly Webhook[];
}

export const VALIDATING: ResourceType<WebhookConfiguration> = configurations('Validating');
export const MUTATING: ResourceType<WebhookConfiguration> = configurations('Mutating');

function configurations(sort: 'Validating' | 'Mutating'): ResourceType<WebhookConfiguration> {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${sort}WebhookConfiguration`,
    plural: `${sort.toLowerCase()}webhookconfigurations`,
    namespaced: false,
  };
}
