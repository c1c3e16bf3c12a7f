// SPDX-License-Identifier: Apache-2.0
import {
  CHECKPOINTS,
  MIGRATIONS,
  RESTORES,
  type Checkpoint,
  type KubeClient,
  type Migration,
  type Restore,
} from '@grit/plugin-kubernetes';
import type { Scene } from '../watch/scene.js';

/** Our objects of a namespace, or of all, as they are now. */
export async function lookAtScene(
  client: KubeClient,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<Scene> {
  const [migrations, checkpoints, restores] = await Promise.all([
    client.list<Migration>(MIGRATIONS, { namespace }, signal),
    client.list<Checkpoint>(CHECKPOINTS, { namespace }, signal),
    client.list<Restore>(RESTORES, { namespace }, signal),
  ]);
  return { migrations: migrations.items, checkpoints: checkpoints.items, restores: restores.items };
}
