// SPDX-License-Identifier: Apache-2.0
import { PODS, REVISIONS, type Pod } from '../../api/core-kinds.js';
import { CHECKPOINTS, RESTORES } from '../../api/kinds.js';
import type { Checkpoint } from '../../api/checkpoint.js';
import { KEYS } from '../../api/group.js';
import type { Migration } from '../../api/migration.js';
import { KubeError } from '../../kit/kube-error.js';
import { isTerminal } from '../../pods/pod-state.js';
import type { ControlContext } from '../context.js';
import { checkpointFor } from './checkpoint-for.js';
import { isRefusal } from './is-refusal.js';
import { manifestOf, revisionNameOf, revisionOf } from './pod-manifest.js';

/** Keeps what a bare pod was made of, and returns the name under which; undefined when the pod is no more. */
export async function saveManifest(
  { client }: ControlContext,
  migration: Migration,
  { metadata }: Pod,
  signal: AbortSignal,
): Promise<string | undefined> {
  // The cache has pods without most of their spec.
  const ref = { namespace: metadata.namespace ?? '', name: metadata.name };
  const pod = await client.find(PODS, ref, signal);
  if (pod === undefined || pod.metadata.uid !== metadata.uid) return undefined;
  const revision = revisionOf(manifestOf(pod, migration), migration);
  await unlessThere(() => client.create(REVISIONS, revision, {}, signal));
  return revision.metadata.name;
}

/** Nobody needs the manifest any more. */
export async function dropManifest(
  { client }: ControlContext,
  migration: Migration,
  signal: AbortSignal,
): Promise<void> {
  const { namespace = '', uid = '' } = migration.metadata;
  await client.delete(REVISIONS, { namespace, name: revisionNameOf(uid) }, {}, signal);
}

/** Makes the Checkpoint; returns what has its name then. */
export async function makeCheckpoint(
  { client, informers }: ControlContext,
  migration: Migration,
  signal: AbortSignal,
): Promise<Checkpoint | undefined> {
  const wanted = checkpointFor(migration);
  const { namespace = '', name } = wanted.metadata;
  const made =
    (await unlessThere(() => client.create(CHECKPOINTS, wanted, {}, signal))) ??
    (await client.find(CHECKPOINTS, { namespace, name }, signal));
  if (made !== undefined) informers.checkpoints.stored(made);
  return made;
}

/** Deletes the Checkpoint as it was seen: one that was frozen meanwhile is left alone. */
export async function deleteCheckpoint(
  { client, informers }: ControlContext,
  ref: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> {
  const checkpoint = informers.checkpoints.get(ref) ?? (await client.find(CHECKPOINTS, ref, signal));
  if (checkpoint === undefined || checkpoint.metadata.deletionTimestamp !== undefined) return;
  const { uid, resourceVersion } = checkpoint.metadata;
  await client.delete(CHECKPOINTS, ref, { uid, resourceVersion }, signal);
}

/**
 * Makes a bare pod anew, once: its name lets only one be there, and whether one has been there before is seen in the Restore, which the admission reserves
 * before the pod is stored. Returns why it could not be made.
 */
export async function makeReplacement(
  { client }: ControlContext,
  checkpoint: Checkpoint,
  restoreName: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { namespace = '', annotations } = checkpoint.metadata;
  const migrationUid = annotations?.[KEYS.migrationUid] ?? '';
  const restore = await client.find(RESTORES, { namespace, name: restoreName }, signal);
  const { reservation, targetPodUID, phase } = restore?.status ?? {};
  if (restore === undefined || reservation !== undefined || targetPodUID !== undefined) return undefined;
  if (phase === 'Restored' || phase === 'ColdStarted') return undefined;
  const revision = await client.find(REVISIONS, { namespace, name: revisionNameOf(migrationUid) }, signal);
  if (revision === undefined)
    return `ControllerRevision ${revisionNameOf(migrationUid)} with the manifest of the pod is gone`;
  const manifest = revision.data as Pod;
  const there = await client.find(PODS, { namespace, name: manifest.metadata.name }, signal);
  if (there !== undefined) return clear(client, checkpoint, migrationUid, there, signal);
  try {
    await unlessThere(() => client.create(PODS, manifest, {}, signal));
    return undefined;
  } catch (error) {
    if (isRefusal(error)) {
      return `pod ${manifest.metadata.name} cannot be created: ${error.message}`;
    }
    throw error;
  }
}

/** Something has the name: what has ended makes way, and what lives is in the way. */
async function clear(
  client: ControlContext['client'],
  { status }: Checkpoint,
  migrationUid: string,
  there: Pod,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { namespace = '', name, uid, annotations } = there.metadata;
  const ours = annotations?.[KEYS.migrationUid] === migrationUid || uid === status?.podUID;
  if (!ours) return `another pod has the name ${name}: delete it to let the one that was stopped go on`;
  if (isTerminal(there)) await client.delete(PODS, { namespace, name }, { uid }, signal);
  return undefined;
}

/** Undefined when something has the name already. */
async function unlessThere<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof KubeError && error.isAlreadyExists) return undefined;
    throw error;
  }
}
