// SPDX-License-Identifier: Apache-2.0
import { isDeepStrictEqual } from 'node:util';
import type { CheckpointStore, CheckpointStoreStatus } from '../../api/checkpoint-store.js';
import { defined } from '../../kit/defined.js';

/** Who removes from a store what no image needs, and what was removed last. */
export type Collection = Pick<CheckpointStoreStatus, 'collector' | 'lastCollected'>;

/**
 * One node does it for all, the same one for as long as its agent is at work and can use the store. Pure.
 *
 * @param atWork - names of the nodes whose agents are
 */
export function decideCollection({ metadata, status }: CheckpointStore, atWork: ReadonlySet<string>): Collection {
  const entries = status?.nodes ?? [];
  const able = entries
    .filter(({ name, ready, generation }) => ready && generation === (metadata.generation ?? 0) && atWork.has(name))
    .map(({ name }) => name)
    .sort();
  const before = status?.collector;
  const collector = before !== undefined && able.includes(before) ? before : able[0];
  const told = entries.flatMap(({ name, collected }) =>
    collected === undefined ? [] : [{ ...collected, node: name }],
  );
  // Entries of nodes may go; what was known stays.
  const all = [...(status?.lastCollected === undefined ? [] : [status.lastCollected]), ...told];
  const lastCollected = all.sort((a, b) => Date.parse(b.at) - Date.parse(a.at))[0];
  return defined({ collector, lastCollected });
}

/** Whether the status says so already. */
export function isCollectionSaid({ status }: CheckpointStore, { collector, lastCollected }: Collection): boolean {
  return status?.collector === collector && isDeepStrictEqual(status?.lastCollected, lastCollected);
}
