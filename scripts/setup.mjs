// SPDX-License-Identifier: Apache-2.0
// node scripts/setup.mjs [packages | build | run]: see scripts/README.md. Safe to repeat; silent when nothing is to do.
import { pathToFileURL } from 'node:url';
import { main } from './process/main.mjs';
import { buildNative } from './setup/build-native.mjs';
import { compile } from './setup/compile.mjs';
import { installCriu } from './setup/criu.mjs';
import { installNodePackages } from './setup/node-packages.mjs';
import { say, SetupError } from './setup/report.mjs';
import { installSystemPackages } from './setup/system-packages.mjs';

/** Each level includes the ones before it. */
const LEVELS = {
  packages: [installNodePackages],
  build: [installNodePackages, compile, buildNative],
  run: [installNodePackages, installSystemPackages, installCriu, compile, buildNative],
};

/** @param {'packages' | 'build' | 'run'} level */
export async function setUp(level) {
  const steps = LEVELS[level];
  if (steps === undefined)
    throw new SetupError(`no such level: ${level} (there are ${Object.keys(LEVELS).join(', ')})`);
  for (const step of steps) await step();
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(async ([level = 'run']) => {
    const started = performance.now();
    await setUp(level);
    say(`${level}: ready (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  });
}
