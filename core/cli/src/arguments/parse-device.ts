// SPDX-License-Identifier: Apache-2.0
import { normalize, resolve } from 'node:path';
import type { WorkloadDevice } from '@grit/plugin-api';
import { usageError } from './usage-error.js';

/** `PATH[:PATH-IN-CONTAINER]`, by default the same path; a relative path is below the working directory. */
export function parseDevice(text: string, workingDirectory: string): WorkloadDevice {
  const [path, inside, ...more] = text.split(':');
  if (!path || inside === '' || more.length > 0) {
    throw usageError(`--device: "${text}" is not PATH or PATH:PATH-IN-CONTAINER`, 'run');
  }
  const source = resolve(workingDirectory, path);
  const destination = normalize(inside ?? source);
  if (!/^\/dev\/.*[^/]$/.test(destination)) {
    throw usageError(`--device: the path in the container, "${destination}", is not below /dev`, 'run');
  }
  return { source, destination };
}
