// SPDX-License-Identifier: Apache-2.0
import { KEYS } from '@grit/plugin-kubernetes';
import { rowOfCheckpoint } from '../watch/row-of-checkpoint.js';
import { rowOfMigration } from '../watch/row-of-migration.js';
import { rowOfRestore } from '../watch/row-of-restore.js';
import type { Row } from '../watch/row.js';
import type { Scene } from '../watch/scene.js';

/** All that is or was going on, one row a pod: moves, checkpoints and restores that nothing else stands for. */
export function rowsOfScene(scene: Scene, ended: boolean): readonly Row[] {
  const { migrations, checkpoints, restores } = scene;
  const byMigrations = new Set(migrations.map(({ metadata }) => metadata.uid));
  const rows = [
    ...migrations.filter(({ spec, status }) => spec.selector === undefined || status?.pods === undefined),
  ].map((migration) => rowOfMigration(migration, scene));
  const own = checkpoints.filter(({ metadata }) => !byMigrations.has(metadata.annotations?.[KEYS.migrationUid]));
  const byCheckpoints = new Set(checkpoints.map(({ metadata }) => metadata.uid));
  const others = restores.filter(({ metadata }) => !byCheckpoints.has(metadata.annotations?.[KEYS.checkpointUid]));
  return [...rows, ...own.map((checkpoint) => rowOfCheckpoint(checkpoint, scene)), ...others.map(rowOfRestore)]
    .filter(({ outcome }) => ended || outcome === undefined)
    .sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0));
}
