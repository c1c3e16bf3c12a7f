// SPDX-License-Identifier: Apache-2.0
import type { PodSpec } from '../api/core-kinds.js';
import { assignment, NO_PROFILE, type ProfileVariables } from './profile-variables.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What says where, when and beside whom a pod runs, not what runs in it. Twins differ here: schedulers, queues, default plugins, RuntimeClasses and our own
 * admission write these fields.
 */
const PLACEMENT = [
  'affinity',
  'ephemeralContainers',
  'hostname',
  'hostnameOverride',
  'imagePullSecrets',
  'nodeName',
  'nodeSelector',
  'overhead',
  'preemptionPolicy',
  'priority',
  'priorityClassName',
  'runtimeClassName',
  'schedulerName',
  'schedulingGates',
  'schedulingGroup',
  // The old name of serviceAccountName.
  'serviceAccount',
  'subdomain',
  'tolerations',
  'topologySpreadConstraints',
  'workloadRef',
];

/** May be changed while the pod runs, by people and by autoscalers. */
const RESIZABLE = ['cpu', 'memory'];

/** The token volume of the ServiceAccount has another name in each pod. */
const TOKEN_VOLUME = /^kube-api-access-/;

/** The index of a pod in its Job; identityOf tells these apart. */
const INDEX_ENV = 'JOB_COMPLETION_INDEX';

/**
 * The part of a pod's spec that is equal in all pods that one owner makes from one template. `added` is what a GPU profile has added to the containers: the
 * next pod may get another one, or none.
 */
export function comparableSpec(spec: PodSpec, added: ProfileVariables = NO_PROFILE): Fields {
  const comparable = (container: Fields): Fields => comparableContainer(container, added);
  const { containers, initContainers, volumes, ...rest } = without(spec, PLACEMENT);
  return {
    ...rest,
    resources: comparableResources(rest['resources']),
    containers: list(containers).map(comparable),
    initContainers: list(initContainers).map(comparable),
    volumes: sorted(
      list(volumes).filter((volume) => !isTokenVolume(volume)),
      'name',
    ),
  };
}

function comparableContainer(container: Fields, added: ProfileVariables): Fields {
  const ofProfile = new Set(added.get(String(container['name'])));
  return {
    ...container,
    resources: comparableResources(container['resources']),
    env: list(container['env']).filter(
      (variable) => variable['name'] !== INDEX_ENV && !ofProfile.has(assignment(variable)),
    ),
    volumeMounts: sorted(
      list(container['volumeMounts']).filter((mount) => !isTokenVolume(mount)),
      'mountPath',
    ),
  };
}

function comparableResources(resources: unknown): Fields | undefined {
  if (!isFields(resources)) return undefined;
  return {
    ...resources,
    limits: isFields(resources['limits']) ? without(resources['limits'], RESIZABLE) : undefined,
    requests: isFields(resources['requests']) ? without(resources['requests'], RESIZABLE) : undefined,
  };
}

function isTokenVolume(volume: Fields): boolean {
  return typeof volume['name'] === 'string' && TOKEN_VOLUME.test(volume['name']);
}

function without(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

function sorted(items: readonly Fields[], key: string): readonly Fields[] {
  const text = (item: Fields): string => (typeof item[key] === 'string' ? item[key] : '');
  return items.toSorted((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
