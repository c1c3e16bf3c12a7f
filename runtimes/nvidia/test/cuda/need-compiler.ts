// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from 'node:child_process';

/** For `before`: leaves the suite out where the libraries of the tests cannot be compiled. */
export function needCompiler(this: Mocha.Context): void {
  if (spawnSync('gcc', ['--version']).status !== 0)
    this.skip('gcc is not there (on Debian: apt-get install gcc libc6-dev)');
}
