// SPDX-License-Identifier: Apache-2.0
import { GROUP, VERSION, KEYS } from '../../api/group.js';
import { protectedNamespaces } from '../../admission/validate/protected-namespace.js';
import { PATHS } from '../../admission/webhook-paths.js';
import type { KubernetesConfig } from '../../config-schema.js';
import { MUTATING, VALIDATING, type Webhook, type WebhookConfiguration } from './webhook-configuration.js';

const TIMEOUT_SECONDS = 10;
/** Of the one that nobody depends on. */
const PROFILE_TIMEOUT_SECONDS = 3;
const NEW_PODS = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] } as const;

/** Names of the configurations. */
export const CONFIGURATIONS = { ours: 'grit', pods: 'grit-pods' } as const;

type Settings = Pick<KubernetesConfig, 'webhook' | 'namespace' | 'gpuProfiles'>;

/** Checks objects of our kinds. */
export function validatingOurs(settings: Settings, ca: string): WebhookConfiguration {
  const check = (
    plural: string,
    path: string,
    scope: 'Namespaced' | 'Cluster',
    operations: readonly string[],
  ): Webhook => ({
    ...base(settings, ca, path),
    name: `${plural}.grit.dev`,
    sideEffects: 'None',
    rules: [{ apiGroups: [GROUP], apiVersions: [VERSION], operations, resources: [plural], scope }],
  });
  return configuration(VALIDATING.kind, CONFIGURATIONS.ours, [
    check('checkpoints', PATHS.validateCheckpoint, 'Namespaced', ['CREATE']),
    check('restores', PATHS.validateRestore, 'Namespaced', ['CREATE']),
    check('migrations', PATHS.validateMigration, 'Namespaced', ['CREATE']),
    check('checkpointstores', PATHS.validateStore, 'Cluster', ['CREATE', 'UPDATE']),
  ]);
}

/** Fills in what Restores leave out; and, where it is switched on, gives pods with the label their GPU profile. */
export function mutatingOurs(settings: Settings, ca: string): WebhookConfiguration {
  return configuration(MUTATING.kind, CONFIGURATIONS.ours, [
    {
      ...base(settings, ca, PATHS.defaultRestore),
      name: 'default-restores.grit.dev',
      sideEffects: 'None',
      reinvocationPolicy: 'Never',
      rules: [
        {
          apiGroups: [GROUP],
          apiVersions: [VERSION],
          operations: ['CREATE'],
          resources: ['restores'],
          scope: 'Namespaced',
        },
      ],
    },
    ...(settings.gpuProfiles.enabled ? [gpuProfiles(settings, ca)] : []),
  ]);
}

/** Sees pods with the label and no others. Without it they start all the same. */
function gpuProfiles(settings: Settings, ca: string): Webhook {
  return {
    ...base(settings, ca, PATHS.gpuProfile),
    name: 'gpu-profiles.grit.dev',
    failurePolicy: 'Ignore',
    timeoutSeconds: PROFILE_TIMEOUT_SECONDS,
    sideEffects: 'None',
    // Another webhook may add a container afterwards.
    reinvocationPolicy: 'IfNeeded',
    objectSelector: { matchExpressions: [{ key: KEYS.gpuProfile, operator: 'Exists' }] },
    rules: [{ ...NEW_PODS, scope: 'Namespaced' }],
  };
}

/** Catches new pods, in these namespaces and nowhere else. */
export function mutatingPods(settings: Settings, ca: string, namespaces: readonly string[]): WebhookConfiguration {
  return configuration(MUTATING.kind, CONFIGURATIONS.pods, [
    {
      ...base(settings, ca, PATHS.mutatePod),
      ...newPodsIn(settings, namespaces),
      name: 'pods.grit.dev',
      // It reserves a Restore, but not on a dry run.
      sideEffects: 'NoneOnDryRun',
      // A sidecar that another webhook adds is part of the spec by which a pod is known.
      reinvocationPolicy: 'IfNeeded',
    },
  ]);
}

/** Looks at the same pods again, when nothing changes them any more. */
export function validatingPods(settings: Settings, ca: string, namespaces: readonly string[]): WebhookConfiguration {
  return configuration(VALIDATING.kind, CONFIGURATIONS.pods, [
    {
      ...base(settings, ca, PATHS.validatePod),
      ...newPodsIn(settings, namespaces),
      name: 'final-pods.grit.dev',
      sideEffects: 'None',
    },
  ]);
}

function newPodsIn(
  { namespace }: Settings,
  namespaces: readonly string[],
): Pick<Webhook, 'rules' | 'namespaceSelector' | 'matchConditions'> {
  const spared = protectedNamespaces(namespace)
    .map((name) => `'${name}'`)
    .join(', ');
  return {
    rules: [{ ...NEW_PODS, scope: 'Namespaced' }],
    namespaceSelector: {
      matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: [...namespaces] }],
    },
    matchConditions: [
      { name: 'not-of-the-system', expression: `!(request.namespace in [${spared}])` },
      { name: 'not-a-claim-pod', expression: lacks('labels', KEYS.helper) },
      { name: 'not-a-static-pod', expression: lacks('annotations', 'kubernetes.io/config.mirror') },
    ],
  };
}

function lacks(field: 'labels' | 'annotations', key: string): string {
  return `!has(object.metadata.${field}) || !('${key}' in object.metadata.${field})`;
}

function configuration(kind: string, name: string, webhooks: readonly Webhook[]): WebhookConfiguration {
  return {
    apiVersion: MUTATING.apiVersion,
    kind,
    metadata: { name, labels: { 'app.kubernetes.io/part-of': 'grit' } },
    webhooks,
  };
}

function base(
  { webhook, namespace }: Settings,
  ca: string,
  path: string,
): Pick<Webhook, 'clientConfig' | 'failurePolicy' | 'timeoutSeconds' | 'admissionReviewVersions' | 'matchPolicy'> {
  const { url, service } = webhook;
  const caBundle = Buffer.from(ca).toString('base64');
  const reached =
    url === undefined
      ? { service: { name: service.name, namespace: service.namespace ?? namespace, port: service.port, path } }
      : { url: `${url.replace(/\/$/, '')}${path}` };
  return {
    clientConfig: { ...reached, caBundle },
    failurePolicy: 'Fail',
    timeoutSeconds: TIMEOUT_SECONDS,
    admissionReviewVersions: ['v1'],
    matchPolicy: 'Equivalent',
  };
}
