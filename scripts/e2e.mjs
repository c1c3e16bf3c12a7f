// SPDX-License-Identifier: Apache-2.0
// npm run test:e2e [-- PATH… | --grep TEXT]: as npm test, for test/e2e: the tests in a real Kubernetes cluster.
import { gritEnvironment } from './environment.mjs';
import { mochaCommand } from './mocha/command.mjs';
import { listSpecs } from './mocha/list-specs.mjs';
import { main } from './process/main.mjs';
import { runForExitCode } from './process/run.mjs';
import { runTypeScript } from './run-typescript.mjs';
import { setUp } from './setup.mjs';
import { installClusterPackages } from './setup/cluster-packages.mjs';
import { NODE, ROOT } from './setup/paths.mjs';

// Where Go's own installer puts it, and a shell that is no login shell does not look.
process.env.PATH = `${process.env.PATH ?? ''}:/usr/local/go/bin`;

await main(async (args) => {
  await setUp('run');
  await installClusterPackages();
  // Minutes on a new machine, so not inside a test. Where it is not possible the tests are skipped and say why.
  await runTypeScript('test/cluster/command.ts', ['build']);
  const firstOption = args.findIndex((arg) => arg.startsWith('-'));
  const paths = firstOption < 0 ? args : args.slice(0, firstOption);
  const options = firstOption < 0 ? [] : args.slice(firstOption);
  const specs = listSpecs(paths.length > 0 ? paths : ['test/e2e']);
  if (specs.length === 0) {
    process.stdout.write('0 passed, 0 failed, 0 skipped\n');
    return 1;
  }
  return await runForExitCode(NODE, mochaCommand(specs, options), { cwd: ROOT, env: gritEnvironment() });
});
