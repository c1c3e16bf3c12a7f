// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import { MIGRATIONS } from '../../api/kinds.js';
import type { Migration, MigrationStatus } from '../../api/migration.js';
import { keyOf } from '../../kit/keys.js';
import { applyStatus } from '../apply-status.js';
import type { ControlContext } from '../context.js';

/**
 * Writes the status when it has changed. Details within a phase are written at most every `seldomMs`: a cluster may move thousands of pods at once.
 *
 * @returns when to write what was left out, in milliseconds; undefined when nothing was.
 */
export async function writeStatus(
  context: ControlContext,
  migration: Migration,
  status: MigrationStatus,
  writtenAt: Map<string, number>,
  seldomMs: number,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { client, informers, events } = context;
  const before = migration.status ?? {};
  if (isDeepStrictEqual(before, status)) return undefined;
  const key = keyOf(migration);
  const due = (writtenAt.get(key) ?? -Infinity) + seldomMs - performance.now();
  if (due > 0 && isDeepStrictEqual(important(before), important(status))) return due;
  await applyStatus(client, informers.migrations, MIGRATIONS, migration, status, signal);
  writtenAt.set(key, performance.now());
  const outcome = status.conditions?.find(({ type }) => type === 'Succeeded');
  if (outcome !== undefined && before.phase !== status.phase) {
    events.event(migration, outcome.status === 'True' ? 'Normal' : 'Warning', outcome.reason, outcome.message);
  }
  return undefined;
}

/** All but what changes all the time: where exactly it is, and the counts of children. */
function important({ phase, podUID, replacement, pods, error, conditions }: MigrationStatus): object {
  const steady = conditions?.filter(({ type }) => type !== 'Progressing');
  return { phase, podUID, replacement, chosen: pods?.total, error, conditions: steady };
}
