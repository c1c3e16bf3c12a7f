// SPDX-License-Identifier: Apache-2.0
import type { CheckpointCatalog, CheckpointRecord } from '@grit/plugin-api';

/** More of them cost memory and open files and hardly ever have a chunk that these do not have. */
const MOST = 4;

/**
 * Ids of the workload's checkpoints in the same storage that are Ready, the parent first, then the newest: a dump does not write again
 * what one of them has.
 */
export async function knownCheckpoints(
  checkpoints: CheckpointCatalog,
  { id, workload, storage, parent }: CheckpointRecord,
  signal: AbortSignal,
): Promise<string[]> {
  const all = await checkpoints.list({ workload }, signal);
  const usable = all.filter((other) => other.id !== id && other.storage === storage && other.phase === 'Ready');
  const ids = usable.map((other) => other.id);
  const first = ids.filter((other) => other === parent);
  return [...first, ...ids.filter((other) => other !== parent)].slice(0, MOST);
}
