// SPDX-License-Identifier: Apache-2.0
import { dirname, join } from 'node:path';
import { findCachedCriu } from './setup/criu.mjs';
import { NODE, ROOT } from './setup/paths.mjs';

/**
 * The environment in which everything of ours runs, whatever Node or PATH the caller had: Node 24, the tools of this
 * checkout, a CRIU that runc finds by name, the sbin folders, and where Go's own installer puts it.
 */
export function gritEnvironment(extra = {}) {
  const path = [
    dirname(NODE),
    join(ROOT, 'node_modules', '.bin'),
    findCachedCriu(),
    process.env.PATH,
    '/usr/local/sbin:/usr/sbin:/sbin:/usr/local/go/bin',
  ];
  return {
    ...process.env,
    PATH: path.filter(Boolean).join(':'),
    // tsx looks for compiler options (decorators) in the working directory only, where the solution file has none.
    TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.test.json'),
    ...extra,
  };
}
