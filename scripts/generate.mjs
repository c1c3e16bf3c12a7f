// SPDX-License-Identifier: Apache-2.0
// npm run generate: writes the checked-in files that are made from code (API report, references).
import { gritEnvironment } from './environment.mjs';
import { apiReport, generators } from './check/tools.mjs';
import { main } from './process/main.mjs';
import { run } from './process/run.mjs';
import { setUp } from './setup.mjs';
import { NODE, ROOT } from './setup/paths.mjs';

await main(async () => {
  await setUp('build');
  for (const args of [[...apiReport.args, '--local'], ...generators.map((generator) => generator.args)]) {
    await run(NODE, args, { cwd: ROOT, env: gritEnvironment() });
  }
});
