// SPDX-License-Identifier: Apache-2.0
import type { Migration, MigrationSpec } from '@grit/plugin-kubernetes';
import type { WantedOrder } from './go-on-or-make.js';
import { isMigrationOver } from './is-over.js';

/** A Migration as it is wanted; one of one pod that gave its pod back may be tried again. */
export function wantedMove(namespace: string, spec: MigrationSpec): WantedOrder<Migration> {
  return {
    namespace,
    spec,
    isOver: isMigrationOver,
    mayRetry: ({ status }) => status?.phase !== 'Succeeded' && status?.pods === undefined,
  };
}
