// SPDX-License-Identifier: Apache-2.0
// npm run bench -- NAME [--quick] [--rounds N] [--only SECTION,…] [--scale X] [--store STORE] [--json FILE]
import { writeFile } from 'node:fs/promises';
import { parseBenchCommand, type BenchOptions } from './frame/bench-options.js';
import { toResult, type Measurements } from './frame/bench-result.js';
import { printResult } from './frame/print-result.js';

/** The benches: each file exports `measure`. */
const BENCHES: Record<string, () => Promise<{ measure: (options: BenchOptions) => Promise<Measurements> }>> = {
  checkpoint: () => import('./checkpoint.js'),
  'gpu-sim': () => import('./gpu-sim.js'),
  image: () => import('./image.js'),
  migrate: () => import('./migrate.js'),
  queue: () => import('./queue.js'),
  scale: () => import('./scale.js'),
  wire: () => import('./wire.js'),
};

const command = parseBenchCommand(process.argv.slice(2));
const load = Object.hasOwn(BENCHES, command.name) ? BENCHES[command.name] : undefined;
if (load) {
  const result = await toResult(command.name, await (await load()).measure(command));
  process.stdout.write(`${printResult(result)}\n`);
  if (command.json !== undefined) await writeFile(command.json, `${JSON.stringify(result, null, 2)}\n`);
} else {
  process.stderr.write(
    `npm run bench -- NAME [--quick] [--rounds N] [--only SECTION,…] [--scale X] [--store STORE] [--json FILE]\nNAME: ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exitCode = 2;
}
