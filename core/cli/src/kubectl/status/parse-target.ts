// SPDX-License-Identifier: Apache-2.0
import { usageError } from '../../arguments/usage-error.js';

/** What a status is asked of. */
export interface StatusTarget {
  readonly kind: 'migration' | 'checkpoint' | 'restore' | 'pod' | 'node';
  readonly name: string;
}

const KINDS: Readonly<Record<string, StatusTarget['kind']>> = {
  migration: 'migration',
  migrations: 'migration',
  mig: 'migration',
  checkpoint: 'checkpoint',
  checkpoints: 'checkpoint',
  ckpt: 'checkpoint',
  restore: 'restore',
  restores: 'restore',
  rt: 'restore',
  pod: 'pod',
  pods: 'pod',
  po: 'pod',
  node: 'node',
  nodes: 'node',
  no: 'node',
  gritnode: 'node',
};

/** Reads `KIND/NAME`; a name alone is that of a pod. `migration.kaito.sh/x`, as kubectl prints it, is understood. Throws GRIT_USAGE. */
export function parseTarget(word: string): StatusTarget {
  const at = word.indexOf('/');
  if (at < 0) return { kind: 'pod', name: word };
  const kind =
    KINDS[
      word
        .slice(0, at)
        .replace(/\.kaito\.sh$/, '')
        .toLowerCase()
    ];
  const name = word.slice(at + 1);
  if (kind !== undefined && name !== '') return { kind, name };
  throw usageError(
    `"${word}" is none of migration/, checkpoint/, restore/, pod/ or node/NAME`,
    'status',
    'kubectl grit',
  );
}
