// SPDX-License-Identifier: Apache-2.0
import { SetupError } from '../setup/report.mjs';
import { CommandError } from './run.mjs';

/** Runs a script's body: its number is the exit code, expected failures are one line, the rest keep their stack. */
export async function main(body) {
  try {
    process.exitCode = (await body(process.argv.slice(2))) ?? 0;
  } catch (error) {
    const expected = error instanceof SetupError || error instanceof CommandError;
    process.stderr.write(`${expected ? `grit: ${error.message}` : error.stack}\n`);
    process.exitCode = error.exitCode ?? 1;
  }
}
