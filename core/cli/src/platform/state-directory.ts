// SPDX-License-Identifier: Apache-2.0
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { GritError } from '@grit/plugin-api';

// Not imported, for the same reason as in invocation.ts.
const { existsSync } = process.getBuiltinModule('node:fs');

/** Longest path of a unix socket that Linux takes (sun_path without its last zero). */
const LONGEST_SOCKET = 107;

/** The state directory: the option, `$GRIT_STATE_DIR`, or below the home directory. */
export function resolveStateDirectory(
  option: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
): string {
  const named = option ?? (environment['GRIT_STATE_DIR'] || undefined);
  const directory = named === undefined ? join(homedir(), '.local/state/grit') : resolve(workingDirectory, named);
  if (Buffer.byteLength(socketPath(directory)) > LONGEST_SOCKET) {
    throw new GritError('GRIT_USAGE', `the state directory ${directory} has too long a path for a unix socket`, {
      hint: 'Choose a shorter one with --state-dir or $GRIT_STATE_DIR.',
    });
  }
  return directory;
}

/**
 * Configuration files: the options, else `$GRIT_CONFIG` (several with colons between them), else ./grit.yaml if there is one.
 * The first is the base; a later one may be a bare name, `dev` for grit.dev.yaml beside it.
 */
export function resolveConfigPaths(
  options: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  workingDirectory: string,
): readonly string[] {
  const listed = (environment['GRIT_CONFIG'] ?? '').split(':').filter(Boolean);
  const named = options.length > 0 ? options : listed;
  if (named.length > 0) {
    return named.map((path, index) => (index > 0 && isOverlayName(path) ? path : resolve(workingDirectory, path)));
  }
  const found = join(workingDirectory, 'grit.yaml');
  return existsSync(found) ? [found] : [];
}

function isOverlayName(path: string): boolean {
  return !path.includes('/') && !/\.ya?ml$/.test(path);
}

/** The socket of the server. */
export function socketPath(stateDirectory: string): string {
  return join(stateDirectory, 'run/server.sock');
}

/** The log of a server that was started by a command. */
export function serverLogPath(stateDirectory: string): string {
  return join(stateDirectory, 'logs/server.log');
}
