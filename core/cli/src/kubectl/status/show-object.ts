// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import {
  CHECKPOINTS,
  MIGRATIONS,
  RESTORES,
  type Checkpoint,
  type Migration,
  type Restore,
} from '@grit/plugin-kubernetes';
import { printDocument } from '../../output/print-document.js';
import { patient, type Cluster } from '../cluster/open-cluster.js';
import type { KubeContext } from '../kube-context.js';
import { rowOfCheckpoint } from '../watch/row-of-checkpoint.js';
import { rowOfMigration } from '../watch/row-of-migration.js';
import { rowOfRestore } from '../watch/row-of-restore.js';
import { describeObject } from './describe-object.js';
import { lookAtScene } from './look-at-scene.js';

/** `kubectl grit status migration/NAME`, `checkpoint/NAME`, `restore/NAME`. */
export async function showObject(
  context: KubeContext,
  { client, namespace }: Cluster,
  kind: 'migration' | 'checkpoint' | 'restore',
  name: string,
): Promise<number> {
  const type = { migration: MIGRATIONS, checkpoint: CHECKPOINTS, restore: RESTORES }[kind];
  const object = await client.find<Migration | Checkpoint | Restore>(type, { namespace, name }, patient());
  if (object === undefined) {
    throw new GritError('GRIT_CHECKPOINT_NOT_FOUND', `there is no ${kind} ${name} in namespace ${namespace}`, {
      hint: `\`kubectl grit status -n ${namespace} --all\` lists what there is.`,
    });
  }
  if (printDocument(context.terminal, context.format, object)) return 0;
  const scene = await lookAtScene(client, namespace, patient());
  const row =
    kind === 'migration'
      ? rowOfMigration(object as Migration, scene)
      : kind === 'checkpoint'
        ? rowOfCheckpoint(object as Checkpoint, scene)
        : rowOfRestore(object as Restore);
  const children = scene.migrations.filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid),
  );
  const rows = children.map((child) => rowOfMigration(child, scene));
  context.terminal.out(describeObject(object, row, rows, context.terminal.columns, Date.now()));
  return 0;
}
