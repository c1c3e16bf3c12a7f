// SPDX-License-Identifier: Apache-2.0
import type { Migration } from '@grit/plugin-kubernetes';
import { rowOfMigration } from '../watch/row-of-migration.js';
import type { Row } from '../watch/row.js';
import type { Scene } from '../watch/scene.js';
import { deletedRow } from './deleted-row.js';
import { newest } from './newest.js';

/** The rows of a Migration that was ordered: its own, or those of the pods that its selector has chosen. */
export function rowsOfMove(ordered: Migration, scene: Scene): readonly Row[] {
  const { uid } = ordered.metadata;
  const there = scene.migrations.find(({ metadata }) => metadata.uid === uid);
  if (there === undefined) return [deletedRow(ordered, 'migration')];
  const known = newest(there, ordered);
  if (known.spec.selector === undefined) return [rowOfMigration(known, scene)];
  const children = scene.migrations.filter(({ metadata }) =>
    metadata.ownerReferences?.some((owner) => owner.uid === uid),
  );
  const own = rowOfMigration(known, scene);
  // Until the pods are chosen, and where there are none, it stands for itself.
  if (children.length === 0 || known.status?.pods === undefined) return [{ ...own, pod: known.metadata.name }];
  return children.map((child) => rowOfMigration(child, scene)).sort((a, b) => (a.pod < b.pod ? -1 : 1));
}
