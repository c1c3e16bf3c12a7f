// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';

const ANSWERS_WITHIN_MS = 5_000;

/** The first line of `PROGRAM --version`, or undefined when it cannot be run. */
export function readProgramVersion(program: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(program, ['--version'], { timeout: ANSWERS_WITHIN_MS }, (error, stdout) => {
      const line = stdout.split('\n')[0]?.trim();
      resolve(error !== null || line === undefined || line === '' ? undefined : line);
    });
  });
}
