// SPDX-License-Identifier: Apache-2.0
import { statSync } from 'node:fs';
import type { WorkloadMount } from '@grit/plugin-api';

/** True for a directory that a container does not see: on another file system than `/`, and in no mount. */
export function liesOutsideRoot(directory: string, mounts: readonly WorkloadMount[]): boolean {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found === undefined || found.dev === statSync('/').dev) return false;
  return !mounts.some(({ destination }) =>
    `${directory}/`.startsWith(destination.endsWith('/') ? destination : `${destination}/`),
  );
}
