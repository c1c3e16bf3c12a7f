// SPDX-License-Identifier: Apache-2.0
// npm run check: types, lint, format, layers, dead code, API report, generated files. All run, then the verdict.
import { gritEnvironment } from './environment.mjs';
import { apiReport, deadCode, format, generators, layers, lint, types } from './check/tools.mjs';
import { main } from './process/main.mjs';
import { capture } from './process/run.mjs';
import { setUp } from './setup.mjs';
import { NODE, ROOT } from './setup/paths.mjs';

const WORKERS = 2;

await main(async () => {
  await setUp('packages');
  const failed = [];
  const check = async ({ name, args }) => {
    const started = performance.now();
    const { code, output } = await capture(NODE, args, { cwd: ROOT, env: gritEnvironment() });
    if (code !== 0) failed.push(name);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${code === 0 ? '✔' : '✘'} ${name} (${seconds} s)\n${code === 0 ? '' : output}`);
  };

  // First and alone: the others read what it builds.
  await check(types);
  const comparing = generators.map(({ name, args }) => ({ name, args: [...args, '--check'] }));
  const waiting = [lint, layers, deadCode, apiReport, format, ...comparing];
  const total = waiting.length + 1;
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await check(next);
  };
  await Promise.all(Array.from({ length: WORKERS }, work));

  process.stdout.write(`\n${total - failed.length} passed, ${failed.length} failed, 0 skipped\n`);
  return failed.length === 0 ? 0 : 1;
});
