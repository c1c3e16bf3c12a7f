// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';

const ANSWERS_WITHIN_MS = 5_000;

/** Not on the PATH of every user, but searched by the platform. */
const SYSTEM = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The first line of `PROGRAM --version`, looked for in the directories first, or undefined when it cannot be run. */
export function readProgramVersion(program: string, directories: readonly string[] = []): Promise<string | undefined> {
  return new Promise((resolve) => {
    const path = [...directories, process.env['PATH'], ...SYSTEM].join(':');
    const options = { timeout: ANSWERS_WITHIN_MS, env: { ...process.env, PATH: path } };
    execFile(program, ['--version'], options, (error, stdout) => {
      const line = stdout.split('\n')[0]?.trim();
      resolve(error !== null || line === undefined || line === '' ? undefined : line);
    });
  });
}
