// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Mounts a file system for the time of the call. Skips the test where that is not allowed. */
export async function mounted(
  test: Mocha.Context,
  type: 'ramfs' | 'tmpfs',
  path: string,
  call: (path: string) => Promise<void>,
  options = 'mode=700',
): Promise<void> {
  if (process.getuid?.() !== 0) test.skip('needs root to mount a file system');
  await mkdir(path);
  try {
    await run('mount', ['-t', type, '-o', options, type, path]);
  } catch (error) {
    test.skip(`cannot mount: ${(error as Error).message}`);
  }
  try {
    await call(path);
  } finally {
    await run('umount', ['--lazy', path]);
  }
}

/** Changes the options of a mount. */
export async function remount(path: string, options: string): Promise<void> {
  await run('mount', ['-o', `remount,${options}`, path]);
}
