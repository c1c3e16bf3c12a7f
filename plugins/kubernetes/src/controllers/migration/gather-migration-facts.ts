// SPDX-License-Identifier: Apache-2.0
import { PODS, type Pod } from '../../api/core-kinds.js';
import type { Checkpoint } from '../../api/checkpoint.js';
import { KEYS } from '../../api/group.js';
import { CHECKPOINTS, RESTORES } from '../../api/kinds.js';
import type { Migration } from '../../api/migration.js';
import type { Restore } from '../../api/restore.js';
import type { Placement } from '../../placement/compatible-nodes.js';
import { isScheduled } from '../../pods/pod-state.js';
import type { ControlContext } from '../context.js';
import { placementOfPod } from '../placement-of-pod.js';
import { parentUidOf } from './child-of.js';
import { turnsOf } from './decide-parent.js';
import type { CheckpointFact, MigrationFacts, PodFact } from './migration-facts.js';
import { isLast } from './migration-status.js';

/** What the caches know about a Migration of one pod; where a cache may be behind and it matters, the API server itself. */
export async function gatherMigrationFacts(
  context: ControlContext,
  migration: Migration,
  signal: AbortSignal,
): Promise<MigrationFacts> {
  const checkpoint = await checkpointFact(context, migration, signal);
  const status = checkpoint.is === 'own' ? checkpoint.checkpoint.status : undefined;
  // From Submitting on it is meant to be gone, and the Checkpoint sees to it.
  const isLeaving = status?.phase === 'Submitting' || status?.phase === 'Submitted';
  const pod = await podFact(context, migration, !isLeaving, signal);
  const begins = checkpoint.is !== 'own' && pod.is === 'there';
  return {
    migration,
    pod,
    turn: !begins || isItsTurn(context, migration),
    checkpoint,
    restore: await restoreOf(context, migration, status?.restoreName, signal),
    placement: begins ? await placementFor(context, migration, pod.pod, signal) : undefined,
    saved: migration.status?.replacement !== undefined,
    now: context.clock(),
  };
}

/** What has the name of the Migration's Checkpoint. */
async function checkpointFact(
  { client, informers }: ControlContext,
  { metadata, status }: Migration,
  signal: AbortSignal,
): Promise<CheckpointFact> {
  const ref = { namespace: metadata.namespace ?? '', name: metadata.name };
  let checkpoint: Checkpoint | undefined = informers.checkpoints.get(ref);
  // Known, not seen: a cache that begins may not have it yet.
  const known = status?.checkpointName !== undefined && !isLast(status.phase);
  if (checkpoint === undefined && known) checkpoint = await client.find(CHECKPOINTS, ref, signal);
  return checkpoint === undefined ? { is: 'none' } : factOf(checkpoint, metadata.uid);
}

/** Whose Checkpoint it is. */
export function factOf(checkpoint: Checkpoint, migrationUid: string | undefined): CheckpointFact {
  const maker = checkpoint.metadata.annotations?.[KEYS.migrationUid];
  if (maker === undefined) return { is: 'foreign' };
  return maker === migrationUid ? { is: 'own', checkpoint } : { is: 'former' };
}

async function podFact(
  { client, informers }: ControlContext,
  { metadata, spec, status }: Migration,
  sure: boolean,
  signal: AbortSignal,
): Promise<PodFact> {
  const ref = { namespace: metadata.namespace ?? '', name: status?.podName ?? spec.podName ?? '' };
  const uid = status?.podUID ?? metadata.annotations?.[KEYS.podUid];
  const fits = (pod: Pod | undefined): pod is Pod =>
    pod !== undefined && (uid === undefined || pod.metadata.uid === uid);
  const cached = informers.pods.get(ref);
  if (fits(cached)) return { is: 'there', pod: cached };
  const pod = sure && !isLast(status?.phase) ? await client.find(PODS, ref, signal) : cached;
  return fits(pod) ? { is: 'there', pod } : { is: 'gone', successor: pod };
}

async function restoreOf(
  { client, informers }: ControlContext,
  { metadata }: Migration,
  name: string | undefined,
  signal: AbortSignal,
): Promise<Restore | undefined> {
  if (name === undefined) return undefined;
  const ref = { namespace: metadata.namespace ?? '', name };
  return informers.restores.get(ref) ?? client.find(RESTORES, ref, signal);
}

function isItsTurn({ informers }: ControlContext, migration: Migration): boolean {
  const uid = parentUidOf(migration);
  if (uid === undefined) return true;
  const siblings = informers.migrations.list().filter((other) => parentUidOf(other) === uid);
  const parent = informers.migrations.list().find(({ metadata }) => metadata.uid === uid);
  if (parent?.status?.pods === undefined) return false;
  return turnsOf(parent, siblings).some(({ metadata }) => metadata.uid === migration.metadata.uid);
}

/** Nodes that the pod could go on on. It is to leave its own. */
async function placementFor(
  context: ControlContext,
  { spec }: Migration,
  pod: Pod,
  signal: AbortSignal,
): Promise<Placement | undefined> {
  if (!isScheduled(pod)) return undefined;
  const leaves = pod.spec.nodeName ?? '';
  const facts = context.informers.gritNodes.get({ name: leaves })?.status?.facts;
  if (facts === undefined) return undefined;
  return placementOfPod(context, pod, facts, { nodeName: spec.nodeName, leaves }, signal);
}
