// SPDX-License-Identifier: Apache-2.0
import { GROUP } from '../api/group.js';
import type { Right } from './right.js';

const READ = ['get', 'list', 'watch'] as const;

const ours = (resource: string, verbs: readonly string[], why: string): Right => ({
  group: GROUP,
  resource,
  verbs,
  where: 'cluster',
  why,
});
const core = (resource: string, verbs: readonly string[], why: string): Right => ({
  ...ours(resource, verbs, why),
  group: '',
});

/** What the controllers and the admission server may do, and nothing that they do not use. */
export const CONTROLLER_RIGHTS: readonly Right[] = [
  ours(
    'checkpoints',
    [...READ, 'create', 'patch', 'delete'],
    'makes those of Migrations, keeps them by a finalizer, removes them after their ttl',
  ),
  ours('checkpoints/status', ['patch'], 'orders steps and says how far they are'),
  ours(
    'restores',
    [...READ, 'create', 'patch', 'delete'],
    'makes those of moves, keeps them by a finalizer, removes them with their Migration',
  ),
  ours('restores/status', ['patch', 'update'], 'orders steps; admission reserves a Restore by compare-and-set'),
  ours('migrations', [...READ, 'create'], 'makes one for each pod that a selector chooses'),
  ours('migrations/status', ['patch'], 'says how far they are'),
  ours('checkpointstores', ['list', 'watch'], 'finds the store of a Checkpoint'),
  ours('checkpointstores/status', ['patch'], 'says whether they can be used'),
  ours('gritnodes', [...READ, 'delete'], 'knows what nodes can do; removes what a deleted node has left'),
  ours('gritnodes/status', ['patch'], 'says whether their agents answer'),
  core(
    'pods',
    [...READ, 'create', 'delete'],
    'knows the pods; makes claim pods, and pods without an owner anew; removes claim pods',
  ),
  core('pods/eviction', ['create'], 'stops a pod whose image is stored, as PodDisruptionBudgets allow'),
  core('nodes', READ, 'knows the nodes, and which are gone'),
  core('persistentvolumeclaims', READ, 'sees whether a claim is bound and can be written to'),
  core('persistentvolumes', ['get'], 'sees which nodes have the volume of a pod that is to move'),
  {
    group: 'storage.k8s.io',
    resource: 'storageclasses',
    verbs: ['get'],
    where: 'cluster',
    why: 'says of a claim that is not bound what it waits for',
  },
  core('events', ['list', 'create', 'patch'], 'tells what has happened; reads why a claim pod does not start'),
  {
    group: 'apps',
    resource: 'controllerrevisions',
    verbs: ['get', 'create', 'delete'],
    where: 'cluster',
    why: 'keeps the manifest of a pod without an owner while it moves',
  },
  ...['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'].flatMap((resource) => {
    const right = { group: 'admissionregistration.k8s.io', resource, where: 'cluster' } as const;
    return [
      {
        ...right,
        verbs: ['get', 'create', 'patch'],
        // They are made by server-side apply, whose right to create can be bound to a name.
        names: ['grit', 'grit-pods'],
        why: 'keeps the certificate in them, and the namespaces that have a Restore waiting',
      },
      { ...right, verbs: ['delete'], names: ['grit-pods'], why: 'lets pods be where no Restore waits any more' },
    ];
  }),
  {
    group: 'coordination.k8s.io',
    resource: 'leases',
    verbs: [...READ, 'create', 'update', 'delete'],
    where: 'own namespace',
    why: 'one of several replicas leads; agents show that they live; removes those of deleted nodes',
  },
  {
    group: '',
    resource: 'secrets',
    verbs: ['get', 'update'],
    names: ['grit-webhook-cert'],
    where: 'own namespace',
    why: 'the replicas share the certificate of the webhook',
  },
  { group: '', resource: 'secrets', verbs: ['create'], where: 'own namespace', why: 'makes that Secret, once' },
];
