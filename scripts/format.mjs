// SPDX-License-Identifier: Apache-2.0
// npm run format [-- PATH…]: prettier --write, then eslint --fix.
import { join } from 'node:path';
import { gritEnvironment } from './environment.mjs';
import { main } from './process/main.mjs';
import { run } from './process/run.mjs';
import { setUp } from './setup.mjs';
import { NODE, ROOT } from './setup/paths.mjs';

await main(async (args) => {
  await setUp('build');
  const paths = args.length > 0 ? args : ['.'];
  const options = { cwd: ROOT, env: gritEnvironment() };
  await run(
    NODE,
    [join(ROOT, 'node_modules/prettier/bin/prettier.cjs'), '--write', '--log-level', 'warn', ...paths],
    options,
  );
  await run(NODE, [join(ROOT, 'node_modules/eslint/bin/eslint.js'), '--fix', ...paths], options);
});
