// SPDX-License-Identifier: Apache-2.0
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { findInCgroup, removeCgroup } from './cgroups.js';
import { isAbandoned, listRecords, readRecord, type ClusterRecord } from './cluster-record.js';
import { exclusively } from './exclusively.js';
import { findMarked, killAll } from './marked-processes.js';
import { unmountBelow } from './mounts.js';
import { removeNetwork } from './node-network.js';
import { releaseReservations } from './reservation.js';

/** Ends everything that a cluster has and removes it, in whatever state it is; does nothing where there is none. */
export async function sweepCluster({ name, directory }: ClusterRecord): Promise<void> {
  await exclusively(directory, async () => {
    // Read again: what it was given after its start is only there, and another may have removed it meanwhile.
    const record = readRecord(name);
    if (record === undefined) return;
    const cgroups = [...new Set(record.nodes.map((node) => dirname(node.cgroup)))];
    await killAll(() => [...findMarked(directory), ...cgroups.flatMap(findInCgroup)]);
    if (record.bridge !== undefined) {
      await unmountBelow(directory);
      await removeNetwork(
        record.bridge,
        record.nodes.map(({ netns }) => netns),
      );
      for (const cgroup of cgroups) removeCgroup(cgroup);
    }
    releaseReservations(name);
    // Last, and with it the record: a sweep that is cut off is done again.
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });
}

/** Removes the clusters whose process is gone; resolves with their names. One that resists is told of, and left for the next time. */
export async function sweepAbandoned(): Promise<string[]> {
  const removed: string[] = [];
  for (const record of listRecords().filter(isAbandoned)) {
    try {
      await sweepCluster(record);
      removed.push(record.name);
    } catch (error) {
      process.stderr.write(`cluster: ${record.name} cannot be removed: ${(error as Error).message}\n`);
    }
  }
  return removed;
}
