// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../process/run.mjs';
import { gritEnvironment } from '../environment.mjs';
import { bundleCommand, COMMAND_BUNDLE } from './bundle-command.mjs';
import { listFiles } from './list-files.mjs';
import { listPackages } from './list-packages.mjs';
import { NODE, ROOT } from './paths.mjs';
import { say } from './report.mjs';
import { isStamped, writeStamp } from './stamp.mjs';

/** `tsc -b` of all packages and the bundle of the command, left out when no source has changed since the last one that went well. */
export async function compile() {
  const state = describeSources();
  const results = [...listPackages().map((folder) => join(folder, 'dist/index.js')), COMMAND_BUNDLE];
  if (isStamped('compile', state) && results.every((file) => existsSync(join(ROOT, file)))) return;
  say('build: tsc -b');
  await run(NODE, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: ROOT, env: gritEnvironment() });
  await bundleCommand();
  // The state from before the build: a source saved while tsc was running gets its own build next time.
  writeStamp('compile', state);
}

// tsc's own "nothing to do" costs most of a second; names, sizes and times of the sources cost a few milliseconds.
function describeSources() {
  const hash = createHash('sha256');
  const add = (path) => {
    const { mtimeMs, size } = statSync(join(ROOT, path));
    hash.update(`${path} ${mtimeMs} ${size}\n`);
  };
  for (const path of ['package-lock.json', 'tsconfig.base.json', 'tsconfig.json']) add(path);
  for (const folder of listPackages()) {
    add(join(folder, 'package.json'));
    add(join(folder, 'tsconfig.json'));
    for (const file of listFiles(join(folder, 'src'))) add(file);
  }
  return hash.digest('hex');
}
