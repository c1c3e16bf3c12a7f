// SPDX-License-Identifier: Apache-2.0
import type { CheckpointStatus } from '../../../src/api/checkpoint.js';
import { API_VERSION } from '../../../src/api/group.js';
import type { ObjectMeta } from '../../../src/api/metadata.js';
import type { Migration, MigrationSpec, MigrationStatus } from '../../../src/api/migration.js';
import { checkpointFor } from '../../../src/controllers/migration/checkpoint-for.js';
import type { MigrationFacts } from '../../../src/controllers/migration/migration-facts.js';
import { jobPod } from '../../pods/some-pods.js';

export const NOW = new Date('2026-11-28T04:00:00.000Z');

export function someMigration(
  spec: Partial<MigrationSpec> = {},
  status: MigrationStatus = {},
  metadata: Partial<ObjectMeta> = {},
): Migration {
  return {
    apiVersion: API_VERSION,
    kind: 'Migration',
    metadata: { name: 'move', namespace: 'default', uid: 'migration-uid', generation: 1, ...metadata },
    spec: { podName: 'train-x7k2p', ...spec },
    status,
  };
}

/** A pod of a Job on node-a, which node-b could take over. */
export function someFacts(changes: Partial<MigrationFacts> = {}): MigrationFacts {
  return {
    migration: someMigration(),
    pod: { is: 'there', pod: jobPod({ spec: { nodeName: 'node-a' } }) },
    turn: true,
    checkpoint: { is: 'none' },
    restore: undefined,
    placement: { compatible: ['node-b'], excluded: [], soon: [] },
    saved: false,
    now: NOW,
    ...changes,
  };
}

/** The Checkpoint of the Migration, which stands where the status says. */
export function ownCheckpoint(status: CheckpointStatus, migration = someMigration()): MigrationFacts['checkpoint'] {
  return { is: 'own', checkpoint: { ...checkpointFor(migration), status } };
}
