// SPDX-License-Identifier: Apache-2.0
import { usageError } from './usage-error.js';

/** `K=V` pairs; a bare `K` takes its value from the environment of the command line. */
export function parseEnv(
  pairs: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const parsed: Record<string, string> = {};
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const name = at < 0 ? pair : pair.slice(0, at);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw usageError(`--env: "${pair}" is not NAME=VALUE`, 'run');
    const value = at < 0 ? environment[name] : pair.slice(at + 1);
    if (value === undefined) throw usageError(`--env: ${name} is not set here; write ${name}=VALUE`, 'run');
    parsed[name] = value;
  }
  return parsed;
}
