// SPDX-License-Identifier: Apache-2.0
// npm run bench -- NAME [--quick] [--json FILE]: sets up, then runs bench/run.ts.
import { main } from './process/main.mjs';
import { runTypeScript } from './run-typescript.mjs';
import { setUp } from './setup.mjs';

await main(async (args) => {
  await setUp('run');
  return await runTypeScript('bench/run.ts', args);
});
