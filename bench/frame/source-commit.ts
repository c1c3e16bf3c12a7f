// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The commit of the checkout, with `+` when there are changes; `unknown` outside a repository. */
export async function sourceCommit(): Promise<string> {
  try {
    const { stdout: commit } = await run('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: import.meta.dirname });
    const { stdout: changes } = await run('git', ['status', '--porcelain', '--untracked-files=no'], {
      cwd: import.meta.dirname,
    });
    return commit.trim() + (changes.trim() === '' ? '' : '+');
  } catch {
    return 'unknown';
  }
}
