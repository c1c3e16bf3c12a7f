// SPDX-License-Identifier: Apache-2.0
// npm test [-- PATH… | --grep TEXT]: sets up, builds, runs the tests below the paths (default: all).
import { gritEnvironment } from './environment.mjs';
import { mochaCommand } from './mocha/command.mjs';
import { listSpecs } from './mocha/list-specs.mjs';
import { main } from './process/main.mjs';
import { runForExitCode } from './process/run.mjs';
import { setUp } from './setup.mjs';
import { NODE, ROOT } from './setup/paths.mjs';

await main(async (args) => {
  await setUp('run');
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  const paths = firstOption < 0 ? args : args.slice(0, firstOption);
  const options = firstOption < 0 ? [] : args.slice(firstOption);
  const specs = listSpecs(paths);
  if (specs.length === 0) {
    process.stdout.write('0 passed, 0 failed, 0 skipped\n');
    return paths.length > 0 ? 1 : 0;
  }
  return await runForExitCode(NODE, mochaCommand(specs, options), { cwd: ROOT, env: gritEnvironment() });
});
