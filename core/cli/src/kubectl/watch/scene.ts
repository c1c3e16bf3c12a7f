// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint, Migration, ObjectMeta, Restore } from '@grit/plugin-kubernetes';

/** Objects of ours as they are at one moment. */
export interface Scene {
  readonly migrations: readonly Migration[];
  readonly checkpoints: readonly Checkpoint[];
  readonly restores: readonly Restore[];
}

/** The object of this name. */
export function findNamed<T extends { readonly metadata: ObjectMeta }>(
  objects: readonly T[],
  namespace: string | undefined,
  name: string | undefined,
): T | undefined {
  return objects.find(({ metadata }) => metadata.name === name && (metadata.namespace ?? '') === (namespace ?? ''));
}
