// SPDX-License-Identifier: Apache-2.0
import { API_VERSION, KEYS } from '../../api/group.js';
import type { Migration } from '../../api/migration.js';
import { keyOf } from '../../kit/keys.js';
import type { ControlContext } from '../context.js';

/** Looks at Migrations whenever something has changed that they depend on. A Checkpoint has the name of its Migration. */
export function wakeMigrations(
  { informers }: ControlContext,
  enqueue: (key: string) => void,
  signal: AbortSignal,
): void {
  const { migrations, checkpoints, restores } = informers;
  const ends = [
    migrations.onChange(({ type, object, old }) => {
      enqueue(keyOf(object));
      // A parent counts phases.
      if (type !== 'modified' || object.status?.phase !== old?.status?.phase) parentsOf(object).forEach(enqueue);
    }),
    checkpoints.onChange(({ object }) => {
      if (object.metadata.annotations?.[KEYS.migrationUid] !== undefined) enqueue(keyOf(object));
    }),
    restores.onChange(({ object }) => {
      const { namespace = '' } = object.metadata;
      const key = { namespace, name: object.spec.checkpointName };
      if (checkpoints.get(key)?.metadata.annotations?.[KEYS.migrationUid] !== undefined) {
        enqueue(`${namespace}/${key.name}`);
      }
    }),
  ];
  signal.addEventListener('abort', () => ends.forEach((end) => end()), { once: true });
  migrations.list().forEach((migration) => enqueue(keyOf(migration)));
  checkpoints.list().forEach((checkpoint) => {
    if (checkpoint.metadata.annotations?.[KEYS.migrationUid] !== undefined) enqueue(keyOf(checkpoint));
  });
}

function parentsOf({ metadata }: Migration): readonly string[] {
  const owners = metadata.ownerReferences?.filter(
    ({ apiVersion, kind }) => apiVersion === API_VERSION && kind === 'Migration',
  );
  return (owners ?? []).map(({ name }) => `${metadata.namespace ?? ''}/${name}`);
}
