// SPDX-License-Identifier: Apache-2.0
import type { OperationKind } from '@grit/plugin-api';
import { runCheckpoint } from './checkpoint.js';
import { runDelete } from './delete.js';
import { runMigrate } from './migrate.js';
import type { Program } from './program.js';
import { runRelease } from './release.js';
import { runRestore } from './restore.js';
import { runStart } from './start.js';
import { runStop } from './stop.js';

/** The program of each kind of operation. */
export const PROGRAMS: Readonly<Record<OperationKind, Program>> = {
  checkpoint: runCheckpoint,
  restore: runRestore,
  migrate: runMigrate,
  run: runStart,
  stop: runStop,
  release: runRelease,
  delete: runDelete,
};
