// SPDX-License-Identifier: Apache-2.0
import type { MigrationStatus } from '../../api/migration.js';

/** What is done next, idempotent. All but `wait` are followed by another look. */
export type MigrationMove =
  | { readonly do: 'wait'; readonly lookAgainMs?: number | undefined }
  | { readonly do: 'save-manifest' }
  | { readonly do: 'make-checkpoint' }
  | { readonly do: 'delete-checkpoint' }
  | { readonly do: 'make-replacement' }
  /** The manifest of a bare pod is needed no more. */
  | { readonly do: 'drop-manifest' };

/** What is to be done for a Migration of one pod. */
export interface MigrationDecision {
  readonly status: MigrationStatus;
  readonly move: MigrationMove;
}
