// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gritEnvironment } from './environment.mjs';
import { runForExitCode } from './process/run.mjs';
import { NODE, ROOT } from './setup/paths.mjs';
import { SetupError } from './setup/report.mjs';

/** Runs a TypeScript file of the checkout on Node 24, in the caller's working directory; resolves with its exit code. */
export async function runTypeScript(file, args) {
  const path = join(ROOT, file);
  if (!existsSync(path)) throw new SetupError(`${file}: no such file`);
  const tsx = import.meta.resolve('tsx');
  return await runForExitCode(NODE, ['--import', tsx, path, ...args], { env: gritEnvironment() });
}
