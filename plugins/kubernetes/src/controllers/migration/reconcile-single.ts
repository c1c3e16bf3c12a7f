// SPDX-License-Identifier: Apache-2.0
import type { Migration, MigrationStatus } from '../../api/migration.js';
import { soonest, type ReconcileResult } from '../../kit/controller.js';
import type { ControlContext } from '../context.js';
import { decideMigration } from './decide-migration.js';
import { factOf, gatherMigrationFacts } from './gather-migration-facts.js';
import { isRefusal } from './is-refusal.js';
import type { MigrationFacts } from './migration-facts.js';
import { deleteCheckpoint, dropManifest, makeCheckpoint, makeReplacement, saveManifest } from './migration-moves.js';
import { writeStatus } from './write-status.js';

/** Progress, and what is waited for within a phase. */
const DETAILS_MS = 5_000;
/** Pods and nodes that are waited for do not wake a Migration: there are many of them. */
const LOOK_AGAIN_MS = 5_000;
const REPLACEMENT_MS = 2_000;

/** Carries out what is decided for a Migration of one pod. */
export async function reconcileSingle(
  context: ControlContext,
  migration: Migration,
  writtenAt: Map<string, number>,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  let facts = await gatherMigrationFacts(context, migration, signal);
  let decision = decideMigration(facts);
  if (decision.move.do === 'save-manifest' && facts.pod.is === 'there') {
    const replacement = await saveManifest(context, migration, facts.pod.pod, signal);
    facts = replacement === undefined ? { ...facts, pod: { is: 'gone' } } : saved(facts, replacement);
    decision = decideMigration(facts);
  }
  if (decision.move.do === 'make-checkpoint') {
    // Its name and the UID in it make a second one impossible, so it may come before the word that it is there.
    try {
      const made = await makeCheckpoint(context, migration, signal);
      facts = { ...facts, checkpoint: made === undefined ? { is: 'none' } : factOf(made, migration.metadata.uid) };
      if (facts.checkpoint.is !== 'own') decision = decideMigration(facts);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      decision = decideMigration({ ...facts, refusal: error.message });
    }
  }
  const status = decision.move.do === 'drop-manifest' ? withoutManifest(decision.status) : decision.status;
  const write = (): Promise<number | undefined> =>
    writeStatus(context, migration, status, writtenAt, DETAILS_MS, signal);
  if (decision.move.do === 'drop-manifest') await dropManifest(context, migration, signal);
  const laterMs = await write();
  switch (decision.move.do) {
    case 'delete-checkpoint': {
      const { namespace = '', name } = migration.metadata;
      await deleteCheckpoint(context, { namespace, name }, signal);
      return { requeueAfterMs: LOOK_AGAIN_MS };
    }
    case 'make-replacement':
      return replace(context, facts, signal);
    case 'wait':
      return soonest(laterMs, decision.move.lookAgainMs, needsLook(facts, decision.status));
    default:
      return undefined;
  }
}

async function replace(
  context: ControlContext,
  { migration, checkpoint, restore }: MigrationFacts,
  signal: AbortSignal,
): Promise<{ requeueAfterMs: number }> {
  if (checkpoint.is === 'own' && restore !== undefined) {
    const problem = await makeReplacement(context, checkpoint.checkpoint, restore.metadata.name, signal);
    if (problem !== undefined) context.events.event(migration, 'Warning', 'ReplacementFailed', problem);
  }
  return { requeueAfterMs: REPLACEMENT_MS };
}

/** A Migration that has not begun waits for things whose changes do not wake it. */
function needsLook({ checkpoint }: MigrationFacts, { phase }: MigrationStatus): number | undefined {
  return checkpoint.is !== 'own' && phase === 'Pending' ? LOOK_AGAIN_MS : undefined;
}

function saved(facts: MigrationFacts, replacement: string): MigrationFacts {
  const { migration } = facts;
  return { ...facts, saved: true, migration: { ...migration, status: { ...migration.status, replacement } } };
}

function withoutManifest({ replacement: _replacement, ...status }: MigrationStatus): MigrationStatus {
  return status;
}
