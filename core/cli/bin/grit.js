#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// The command itself. `bin/grit` starts it with the right Node; started with an older one, it finds the right one itself.
import { runMain } from './run-main.js';

await runMain('grit.js', () => import(isBundled() ? '../dist/bundle/main.js' : '../dist/main.js'));

/** True when everything is in one file, which loads faster, and nothing was built without making that file anew. */
function isBundled() {
  const { statSync } = process.getBuiltinModule('node:fs');
  const builtAt = (path) => statSync(new URL(path, import.meta.url), { throwIfNoEntry: false })?.mtimeMs;
  const bundled = builtAt('../dist/bundle/main.js');
  const builds = ['../dist/.tsbuildinfo', '../../engine/dist/.tsbuildinfo', '../../plugin-api/dist/.tsbuildinfo'];
  return bundled !== undefined && builds.every((build) => (builtAt(build) ?? 0) <= bundled);
}
