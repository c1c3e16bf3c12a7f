// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import { API_VERSION, KEYS } from '../../api/group.js';
import type { Migration } from '../../api/migration.js';
import { defined } from '../../kit/defined.js';

/**
 * The Checkpoint of a Migration; its name is the Migration's. It has no owner reference: the garbage collector would take the only copy of a stopped pod's
 * state away with a Migration that is deleted in the middle. Whether it goes, too, is decided here (decide-orphan).
 */
export function checkpointFor({ metadata, spec }: Migration): Checkpoint {
  const { podName, volumeClaim, storage, strategy, timeouts, containers, nodeName, fallback, retries } = spec;
  return {
    apiVersion: API_VERSION,
    kind: 'Checkpoint',
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace,
      ...(metadata.name.length > 63 ? {} : { labels: { [KEYS.migration]: metadata.name } }),
      annotations: { [KEYS.migrationUid]: metadata.uid ?? '' },
    },
    spec: {
      ...defined({ podName, volumeClaim, storage, strategy, timeouts, containers }),
      autoMigration: true,
      restore: defined({ nodeName, fallback, retries }),
    },
  };
}
