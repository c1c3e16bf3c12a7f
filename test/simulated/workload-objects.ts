// SPDX-License-Identifier: Apache-2.0
import type { KubeObject, ObjectMeta, Pod, PodSpec, ResourceType } from '@grit/plugin-kubernetes';

/** Annotation of a pod: how long its work is in all, milliseconds; then it completes, as the pod of a Job does. */
export const RUN_MS = 'simulated.grit.dev/run-ms';

/** A Job, Deployment, ReplicaSet or StatefulSet, as far as tests look at them. */
export interface Workload extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

export const JOBS = typed('batch/v1', 'Job', 'jobs');
export const DEPLOYMENTS = typed('apps/v1', 'Deployment', 'deployments');
export const STATEFUL_SETS = typed('apps/v1', 'StatefulSet', 'statefulsets');

/** What is said of the pods of a workload. */
export interface PodShape {
  /** How long its work is in all; default: it never ends. */
  readonly runMs?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** Beside the one container. */
  readonly spec?: Partial<PodSpec>;
}

/** A Job of one pod whose failures do not count while it is moved, as one would be written for long work. */
export function jobObject(name: string, namespace: string, shape: PodShape = {}): Workload {
  const onDisruption = { action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] };
  const spec = {
    backoffLimit: 0,
    podFailurePolicy: { rules: [onDisruption] },
    template: podTemplate(name, { ...shape, spec: { restartPolicy: 'Never', ...shape.spec } }),
  };
  return { metadata: { name, namespace }, spec };
}

export function deploymentObject(name: string, namespace: string, replicas: number, shape: PodShape = {}): Workload {
  const selector = { matchLabels: { app: name } };
  return { metadata: { name, namespace }, spec: { replicas, selector, template: podTemplate(name, shape) } };
}

export function statefulSetObject(name: string, namespace: string, replicas: number, shape: PodShape = {}): Workload {
  const selector = { matchLabels: { app: name } };
  const spec = { replicas, selector, serviceName: name, template: podTemplate(name, shape) };
  return { metadata: { name, namespace }, spec };
}

/** A pod that nobody makes anew. */
export function podObject(name: string, namespace: string, shape: PodShape = {}): Pod {
  const { metadata, spec } = podTemplate(name, shape);
  return { metadata: { ...metadata, name, namespace }, spec };
}

function podTemplate(
  app: string,
  { runMs, labels, spec }: PodShape,
): { metadata: Omit<ObjectMeta, 'name'>; spec: PodSpec } {
  return {
    metadata: {
      labels: { app, ...labels },
      ...(runMs === undefined ? {} : { annotations: { [RUN_MS]: String(runMs) } }),
    },
    spec: {
      containers: [{ name: 'main', image: 'localhost/busybox:1', command: ['sleep', 'infinity'] }],
      terminationGracePeriodSeconds: 1,
      ...spec,
    },
  };
}

function typed(apiVersion: string, kind: string, plural: string): ResourceType<Workload> {
  return { apiVersion, kind, plural, namespaced: true };
}

/** Lets no pod with this label `app` be evicted. */
export function budgetObject(app: string, namespace: string): object {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app, namespace },
    spec: { minAvailable: 1, selector: { matchLabels: { app } } },
  };
}
