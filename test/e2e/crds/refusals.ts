// SPDX-License-Identifier: Apache-2.0
type Json = Readonly<Record<string, unknown>>;

/** A spec that the API server refuses, and the nearest one that it takes. */
export interface CreationCase {
  readonly kind: string;
  readonly refused: Json;
  readonly accepted: Json;
  /** Where and what it complains about. */
  readonly path: string;
  readonly message: string;
}

/** A change of a spec that is refused, and one that is taken. */
export interface ChangeCase extends CreationCase {
  /** What is changed; `refused` and `accepted` are laid over it. */
  readonly from: Json;
}

const NEITHER_OR_BOTH = 'give either podName or selector: the name of the pod, or its labels';
const ONE_OR_SEVERAL = 'give either podName or selector: the name of the pod, or labels of several';
const EMPTY = 'chooses every pod, since it is empty: give matchLabels or matchExpressions';
const VALUES = 'In and NotIn need values; Exists and DoesNotExist take none';
const TIME = 'is not a length of time: write hours, minutes and seconds, for example 72h, 1h30m or 90s';
const ONE_PLACE = 'cannot be given together with volumeClaim: the image goes to one place; leave one of the two out';
const ONE_LIST = 'include and exclude cannot be given together: what include does not name is left out anyway';

const labels = { matchLabels: { app: 'train' } };
const expression = (more: Json) => ({ matchExpressions: [{ key: 'app', ...more }] });
const volumeClaim = { claimName: 'ckpt-store' };

const ofPods = (kind: string, either: string): readonly CreationCase[] => {
  const pod = { podName: 'train-0' };
  return [
    { kind, refused: {}, accepted: pod, path: 'spec.podName', message: either },
    {
      kind,
      refused: { ...pod, selector: labels },
      accepted: { selector: labels },
      path: 'spec.podName',
      message: either,
    },
    {
      kind,
      refused: { ...pod, volumeClaim, storage: 'shared' },
      accepted: { ...pod, volumeClaim },
      path: 'spec.storage',
      message: ONE_PLACE,
    },
    {
      kind,
      refused: { ...pod, containers: { include: ['a'], exclude: ['b'] } },
      accepted: { ...pod, containers: { include: ['a'], restart: ['b'] } },
      path: 'spec.containers',
      message: ONE_LIST,
    },
    {
      kind,
      refused: { ...pod, timeouts: { pending: 'soon' } },
      accepted: { ...pod, timeouts: { pending: '1h30m', checkpoint: '90s', stop: '5m' } },
      path: 'spec.timeouts.pending',
      message: TIME,
    },
    ...ofSelectors(kind, {}),
  ];
};

function ofSelectors(kind: string, more: Json): readonly CreationCase[] {
  const items = 'spec.selector.matchExpressions[0].values';
  return [
    {
      kind,
      refused: { ...more, selector: {} },
      accepted: { ...more, selector: labels },
      path: 'spec.selector',
      message: EMPTY,
    },
    {
      kind,
      refused: { ...more, selector: expression({ operator: 'In' }) },
      accepted: { ...more, selector: expression({ operator: 'In', values: ['a'] }) },
      path: items,
      message: VALUES,
    },
    {
      kind,
      refused: { ...more, selector: expression({ operator: 'Exists', values: ['a'] }) },
      accepted: { ...more, selector: expression({ operator: 'Exists' }) },
      path: items,
      message: VALUES,
    },
  ];
}

export const CREATIONS: readonly CreationCase[] = [
  ...ofPods('Checkpoint', NEITHER_OR_BOTH),
  {
    kind: 'Checkpoint',
    refused: { podName: 'train-0', autoMigration: true, afterCheckpoint: 'resume' },
    accepted: { podName: 'train-0', autoMigration: true, afterCheckpoint: 'stop' },
    path: 'spec.afterCheckpoint',
    message: 'cannot be resume with autoMigration, which stops the pod: leave it out, or set autoMigration to false',
  },
  {
    kind: 'Checkpoint',
    refused: { podName: 'train-0', restore: { retries: 1 } },
    accepted: { podName: 'train-0', autoMigration: true, restore: { retries: 1 } },
    path: 'spec.restore',
    message: 'is for the Restore that autoMigration makes: set autoMigration to true, or leave it out',
  },
  {
    kind: 'Checkpoint',
    refused: { podName: 'train-0', ttl: '3d' },
    accepted: { podName: 'train-0', ttl: '72h' },
    path: 'spec.ttl',
    message: TIME,
  },
  ...ofPods('Migration', ONE_OR_SEVERAL),
  ...ofSelectors('Restore', { checkpointName: 'demo' }),
  {
    kind: 'CheckpointStore',
    refused: { plugin: 'storage-pvc', collect: { grace: '59m' } },
    accepted: { plugin: 'storage-pvc', collect: { grace: '1h', every: '0s' } },
    path: 'spec.collect.grace',
    message: 'is too short, nodes that are slow would lose what they are writing: give 1h or more',
  },
  {
    kind: 'CheckpointStore',
    refused: { plugin: 'storage-pvc', collect: { every: '1d' } },
    accepted: { plugin: 'storage-pvc', collect: { every: '24h' } },
    path: 'spec.collect.every',
    message: TIME,
  },
];

/** Any other value of the field is refused, the same one is taken beside a change of what may change. */
function fixed(kind: string, from: Json, field: string, other: unknown, may: Json, instead: string): ChangeCase {
  const path = `spec.${field}`;
  const message = `cannot be changed: ${instead}`;
  return { kind, from, refused: { [field]: other }, accepted: { [field]: from[field], ...may }, path, message };
}

const anew = 'make a new Checkpoint';
const checkpoint = {
  podName: 'train-0',
  storage: 'shared',
  strategy: 'precopy',
  afterCheckpoint: 'stop',
  containers: { include: ['a'] },
};
const ofCheckpoint = (field: string, other: unknown, instead: string, from: Json = checkpoint): ChangeCase =>
  fixed('Checkpoint', from, field, other, { ttl: '1h', timeouts: { stop: '1m' } }, instead);

const anewRestore = 'make a new Restore';
const restore = {
  checkpointName: 'demo',
  checkpointNamespace: 'research',
  ownerRef: { apiVersion: 'batch/v1', kind: 'Job', name: 'train' },
};
const ofRestore = (field: string, other: unknown, instead: string, from: Json = restore): ChangeCase =>
  fixed('Restore', from, field, other, { fallback: 'fresh', retries: 9, nodeName: 'node-b' }, instead);

const migration = { podName: 'train-0', nodeName: 'node-b', storage: 'shared', containers: { include: ['a'] } };
const ofMigration = (field: string, other: unknown, from: Json = migration): ChangeCase =>
  fixed(
    'Migration',
    from,
    field,
    other,
    { deadline: '2030-01-31T18:00:00Z', parallelism: 1, retries: 0, fallback: 'fresh', timeouts: { stop: '1m' } },
    'delete this Migration (until it has stopped its pod, that runs on) and make a new one',
  );

const other = { matchLabels: { app: 'other' } };

export const CHANGES: readonly ChangeCase[] = [
  ofCheckpoint('podName', 'train-1', `${anew} for another pod`),
  ofCheckpoint('selector', other, `${anew} for another pod`, { selector: labels }),
  ofCheckpoint('volumeClaim', { claimName: 'b' }, `${anew} that uses the other claim`, { podName: 'a', volumeClaim }),
  ofCheckpoint('storage', 'elsewhere', `${anew} that uses the other store`),
  ofCheckpoint('storage', null, `${anew} that uses the other store`),
  ofCheckpoint('autoMigration', true, `${anew}, or a Restore from this one`, { podName: 'a', autoMigration: false }),
  ofCheckpoint('afterCheckpoint', 'resume', `${anew}, or delete the pod once this one is Checkpointed`),
  ofCheckpoint('strategy', 'stop-and-copy', anew),
  ofCheckpoint('containers', { include: ['b'] }, anew),
  ofRestore('checkpointName', 'other', `${anewRestore} for another Checkpoint`),
  ofRestore('checkpointNamespace', 'other', `${anewRestore} for another Checkpoint`),
  ofRestore('ownerRef', { name: 'other' }, `${anewRestore} for the pods of another owner`),
  ofRestore('selector', other, `${anewRestore} for other pods`, { checkpointName: 'demo', selector: labels }),
  ofRestore('podName', 'b', `${anewRestore} for another pod`, { checkpointName: 'demo', podName: 'a' }),
  ofMigration('podName', 'train-1'),
  ofMigration('selector', other, { selector: labels }),
  ofMigration('nodeName', 'node-c'),
  ofMigration('volumeClaim', { claimName: 'b' }, { podName: 'a', volumeClaim }),
  ofMigration('storage', 'elsewhere'),
  ofMigration('strategy', 'precopy', { podName: 'a', strategy: 'stop-and-copy' }),
  ofMigration('containers', { exclude: ['c'], include: null }),
  fixed(
    'CheckpointStore',
    { plugin: 'storage-pvc', config: { path: '/a' } },
    'plugin',
    'storage-blob',
    { config: { path: '/b' }, namespaces: ['research'] },
    'make a new CheckpointStore, since the images of this one stay where they are',
  ),
];
