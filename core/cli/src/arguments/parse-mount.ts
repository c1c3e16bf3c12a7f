// SPDX-License-Identifier: Apache-2.0
import { isAbsolute, resolve } from 'node:path';
import type { WorkloadMount } from '@grit/plugin-api';
import { usageError } from './usage-error.js';

/** `SRC:DST[:ro|rw]`; a relative source is below the working directory. */
export function parseMount(text: string, workingDirectory: string): WorkloadMount {
  const [source, destination, mode, ...more] = text.split(':');
  if (!source || !destination || more.length > 0 || (mode !== undefined && mode !== 'ro' && mode !== 'rw')) {
    throw usageError(`--mount: "${text}" is not SRC:DST or SRC:DST:ro`, 'run');
  }
  if (!isAbsolute(destination)) throw usageError(`--mount: the destination "${destination}" is not absolute`, 'run');
  return {
    source: resolve(workingDirectory, source),
    destination,
    ...(mode === 'ro' ? { readOnly: true } : {}),
  };
}
