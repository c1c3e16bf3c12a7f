// SPDX-License-Identifier: Apache-2.0
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pid } from 'node:process';
import { capture } from '../process/run.mjs';
import { findProgram } from '../setup/find-program.mjs';
import { ROOT } from '../setup/paths.mjs';
import { say, SetupError } from '../setup/report.mjs';

const FOLDER = join(ROOT, 'test/gpu/workload');
const SOURCES = ['count.c', 'old-glibc.c', 'old-glibc.h'].map((name) => join(FOLDER, name));
const FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra'];
// Runs with the glibc of other machines too, unlike the ordinary way.
const OLD_GLIBC = ['-include', SOURCES[2], '-nostartfiles', SOURCES[1], '-Wl,--no-as-needed', '-l:libdl.so.2'];

/** Builds the CUDA program of the acceptance, which needs no toolkit; nothing is done when it is up to date. */
export async function buildCount() {
  const result = join(FOLDER, 'dist/count');
  const newest = Math.max(...SOURCES.map((file) => statSync(file).mtimeMs));
  if (existsSync(result) && statSync(result).mtimeMs > newest) return result;
  const compiler = findProgram('cc') ?? findProgram('gcc');
  if (compiler === undefined) throw new SetupError('missing: a C compiler (on Debian: apt-get install gcc libc6-dev)');
  mkdirSync(join(FOLDER, 'dist'), { recursive: true });
  const made = `${result}.${pid}`;
  let { code, output } = await capture(compiler, [...FLAGS, SOURCES[0], ...OLD_GLIBC, '-o', made]);
  if (code !== 0) {
    say(`test/gpu: built for the glibc of this machine (${output.trim().split('\n')[0]})`);
    ({ code, output } = await capture(compiler, [...FLAGS, SOURCES[0], '-o', made, '-ldl']));
  }
  if (code !== 0) throw new SetupError(`${compiler} failed:\n${output}`);
  renameSync(made, result);
  return result;
}
