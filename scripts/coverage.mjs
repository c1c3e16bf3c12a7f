// SPDX-License-Identifier: Apache-2.0
// npm run coverage [-- PATH…]: the tests under c8; text summary on stdout, HTML in coverage/.
import { join } from 'node:path';
import { gritEnvironment } from './environment.mjs';
import { mochaCommand } from './mocha/command.mjs';
import { listSpecs } from './mocha/list-specs.mjs';
import { main } from './process/main.mjs';
import { runForExitCode } from './process/run.mjs';
import { setUp } from './setup.mjs';
import { NODE, ROOT } from './setup/paths.mjs';

await main(async (paths) => {
  await setUp('run');
  const c8 = [join(ROOT, 'node_modules/c8/bin/c8.js'), '--reporter', 'text', '--reporter', 'html'];
  const sources = ['--include', '**/src/**', '--exclude', '**/test/**'];
  const tests = [NODE, ...mochaCommand(listSpecs(paths))];
  return await runForExitCode(NODE, [...c8, ...sources, ...tests], { cwd: ROOT, env: gritEnvironment() });
});
