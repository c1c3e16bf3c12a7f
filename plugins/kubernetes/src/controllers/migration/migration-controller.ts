// SPDX-License-Identifier: Apache-2.0
import type { Migration } from '../../api/migration.js';
import { Controller, type ReconcileResult } from '../../kit/controller.js';
import { refOf } from '../../kit/keys.js';
import type { ControlContext, ControllerDefinition } from '../context.js';
import { reconcileOrphan } from './reconcile-orphan.js';
import { reconcileParent } from './reconcile-parent.js';
import { reconcileSingle } from './reconcile-single.js';
import { wakeMigrations } from './wake-migrations.js';

/** Moves pods to other nodes: see decide-migration and decide-parent. */
export const migrationController: ControllerDefinition = {
  name: 'migration',
  start(context, signal) {
    // When a status was written last, by performance.now(): progress and counts need not be written each time.
    const times = new Map<string, number>();
    const controller: Controller = new Controller({
      name: 'migration',
      concurrency: context.settings.workers,
      logger: context.logger,
      reconcile: (key, stop) => reconcile(context, times, (other) => controller.enqueue(other), key, stop),
    });
    wakeMigrations(context, (key) => controller.enqueue(key), signal);
    return controller;
  },
};

async function reconcile(
  context: ControlContext,
  writtenAt: Map<string, number>,
  enqueue: (key: string) => void,
  key: string,
  signal: AbortSignal,
): Promise<ReconcileResult | undefined> {
  const ref = refOf(key);
  const migration: Migration | undefined = context.informers.migrations.get(ref);
  const left = await reconcileOrphan(context, ref, migration, signal);
  if (migration === undefined || migration.metadata.deletionTimestamp !== undefined) {
    writtenAt.delete(key);
    return left;
  }
  return migration.spec.selector === undefined
    ? reconcileSingle(context, migration, writtenAt, signal)
    : reconcileParent(context, migration, writtenAt, enqueue, signal);
}
