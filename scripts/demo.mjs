// SPDX-License-Identifier: Apache-2.0
// npm run demo [-- --break]: sets up whatever the machine lacks, then runs examples/demo/demo.ts.
import { main } from './process/main.mjs';
import { runTypeScript } from './run-typescript.mjs';
import { setUp } from './setup.mjs';

await main(async (args) => {
  await setUp('run');
  return await runTypeScript('examples/demo/demo.ts', args);
});
