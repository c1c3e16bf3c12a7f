// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { arch, execPath, pid, platform } from 'node:process';
import { capture } from '../process/run.mjs';
import { findProgram } from './find-program.mjs';
import { NODE, ROOT } from './paths.mjs';
import { say } from './report.mjs';
import { isStamped, writeStamp } from './stamp.mjs';

const SOURCE = join(ROOT, 'core/image/native/data-plane.c');
const RESULT = join(ROOT, `core/image/dist/native/data-plane-${platform}-${arch}.node`);
const FLAGS = ['-std=c11', '-O3', '-fPIC', '-shared', '-fvisibility=hidden', '-Wall', '-Wextra'];

/** The addon of the data plane. Everything works without it, only slower, so nothing that is missing is an error. */
export async function buildNative() {
  const compiler = findProgram('cc');
  const headers = [NODE, execPath]
    .map((node) => join(dirname(dirname(node)), 'include/node'))
    .find((folder) => existsSync(join(folder, 'node_api.h')));
  const state = createHash('sha256')
    .update(`${platform} ${arch} ${compiler} ${headers} ${FLAGS.join(' ')}\n`)
    .update(readFileSync(SOURCE))
    .digest('hex');
  // Also when it could not be built: that is said once.
  if (isStamped('native', `${state} missing`) || (isStamped('native', `${state} built`) && existsSync(RESULT))) return;
  const problem = await tryBuild(compiler, headers);
  say(
    problem === undefined
      ? 'build: native addon of @grit/image'
      : `no native addon (${problem}): GRIT works without it`,
  );
  writeStamp('native', `${state} ${problem === undefined ? 'built' : 'missing'}`);
}

async function tryBuild(compiler, headers) {
  // One of an older source would still fit, and do what the older source says.
  rmSync(RESULT, { force: true });
  if (compiler === undefined) return 'no C compiler';
  if (headers === undefined) return "no headers of Node's";
  mkdirSync(dirname(RESULT), { recursive: true });
  const made = `${RESULT}.${pid}`;
  try {
    const { code, output } = await capture(compiler, [...FLAGS, '-I', headers, SOURCE, '-o', made, '-ldl']);
    if (code !== 0) return `${compiler} failed: ${output.trim().split('\n')[0]}`;
    renameSync(made, RESULT);
    return undefined;
  } finally {
    rmSync(made, { force: true });
  }
}
