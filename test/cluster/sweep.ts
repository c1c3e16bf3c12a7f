// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { findMarked, killAll } from './marked-processes.js';
import { isAbandoned, listRecords, type ClusterRecord } from './cluster-record.js';
import { releaseReservations } from './reservation.js';

/** Ends everything that a cluster has and removes it, in whatever state it is. */
export async function sweepCluster(record: ClusterRecord): Promise<void> {
  await killAll(() => findMarked(record.directory));
  releaseReservations(record.name);
  // Last, and with it the record: a sweep that is cut off is done again.
  rmSync(record.directory, { recursive: true, force: true, maxRetries: 5 });
}

/** Removes the clusters whose process is gone; resolves with their names. */
export async function sweepAbandoned(): Promise<string[]> {
  const abandoned = listRecords().filter(isAbandoned);
  for (const record of abandoned) await sweepCluster(record);
  return abandoned.map(({ name }) => name);
}
