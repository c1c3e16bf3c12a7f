// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { NodeEnvironment } from '../node-environment.js';
import { runOrThrow } from '../process/run-program.js';

/**
 * Everything that matters to an overlay: whiteouts are devices 0:0, opaque directories are trusted xattrs,
 * both of which GNU tar keeps; holes and hard links too.
 */
const FAITHFUL = ['--xattrs', '--xattrs-include=*', '--acls', '--numeric-owner', '--sparse'];

/** Arguments for tar that pack the upper layer. */
export function packArguments(upper: string, file: string): readonly string[] {
  return ['--create', '--format=posix', `--file=${file}`, `--directory=${upper}`, ...FAITHFUL, '.'];
}

/** Packs the upper layer of a root that stands still. */
export async function packRoot(node: NodeEnvironment, upper: string, file: string, signal: AbortSignal): Promise<void> {
  await runOrThrow('tar', packArguments(upper, file), { env: node.env, signal }, (message) =>
    failed('GRIT_DUMP_FAILED', 'packed', message),
  );
}

/** Unpacks it into the upper layer of a root that is not mounted yet. */
export async function unpackRoot(
  node: NodeEnvironment,
  file: string,
  upper: string,
  signal: AbortSignal,
): Promise<void> {
  const args = ['--extract', `--file=${file}`, `--directory=${upper}`, '--preserve-permissions', ...FAITHFUL];
  await runOrThrow('tar', args, { env: node.env, signal }, (message) =>
    failed('GRIT_RESTORE_FAILED', 'unpacked', message),
  );
}

function failed(code: 'GRIT_DUMP_FAILED' | 'GRIT_RESTORE_FAILED', verb: string, message: string): GritError {
  const full = message.includes('No space left');
  return new GritError(full ? 'GRIT_NODE_STORAGE_FULL' : code, `the changed files could not be ${verb}: ${message}`);
}
