// SPDX-License-Identifier: Apache-2.0
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { capture } from '../process/run.mjs';
import { findProgram } from './find-program.mjs';
import { CACHE } from './paths.mjs';
import { say, SetupError } from './report.mjs';
import { installDebianPackages } from './system-packages.mjs';

const SUITE = 'forky';

/**
 * Takes criu and exactly the libraries that it loads out of a throw-away root of Debian testing, and puts a wrapper
 * beside them that starts it with its own loader: it then runs on any older glibc. Appears in the cache in one rename.
 */
export async function buildCriu() {
  if (process.getuid() !== 0) throw new SetupError('missing: CRIU >= 4.2, and building one here needs root');
  if (findProgram('mmdebstrap') === undefined) await installDebianPackages(['mmdebstrap', 'debian-archive-keyring']);
  say(`CRIU: the package of Debian ${SUITE}, into ${CACHE}`);
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(join(CACHE, 'build-criu-'));
  try {
    const root = join(work, 'root');
    await makeRoot(root);
    const made = join(work, 'made');
    await extract(root, made, (version) => join(CACHE, `criu-${version}`));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function makeRoot(root) {
  // The index of a suite in development may have expired by the clock of this machine; its signature is still checked.
  const args = ['--aptopt=Acquire::Check-Valid-Until "false"', '--variant=extract', '--include=criu', SUITE, root];
  const { code, output } = await capture('mmdebstrap', args);
  if (code !== 0) throw new SetupError(`mmdebstrap failed (exit code ${code}):\n${output.slice(-2000)}`);
}

async function extract(root, made, finalFolder) {
  const loader = findLoader(root);
  const program = join(root, 'usr/sbin/criu');
  const libraryPath = listLibraryFolders(root).join(':');
  const inRoot = [loader, ['--library-path', libraryPath]];
  const { output: listing } = await capture(inRoot[0], [...inRoot[1], '--list', program]);
  const libraries = [...listing.matchAll(/=> (\/\S+)/g)].map((match) => match[1]);
  if (listing.includes('not found') || libraries.length === 0)
    throw new SetupError(`criu has unresolved libraries:\n${listing}`);

  const { output: versionText } = await capture(inRoot[0], [...inRoot[1], program, '--version']);
  const version = /Version: (\d+(?:\.\d+)*)/.exec(versionText)?.[1];
  if (version === undefined) throw new SetupError(`criu does not tell its version: ${versionText}`);

  const target = finalFolder(version);
  mkdirSync(join(made, 'lib'), { recursive: true });
  mkdirSync(join(made, 'bin'));
  for (const file of new Set([loader, program, ...libraries])) copyFileSync(file, join(made, 'lib', basename(file)));
  for (const file of [basename(loader), 'criu']) chmodSync(join(made, 'lib', file), 0o755);
  const lib = join(target, 'lib');
  writeFileSync(
    join(made, 'bin', 'criu'),
    `#!/bin/sh\nexec '${join(lib, basename(loader))}' --library-path '${lib}' '${join(lib, 'criu')}' "$@"\n`,
    { mode: 0o755 },
  );
  rmSync(target, { recursive: true, force: true });
  renameSync(made, target);
}

function findLoader(root) {
  for (const folder of ['lib64', 'usr/lib64', 'lib', 'usr/lib']) {
    const path = join(root, folder);
    const name = existsSync(path) ? readdirSync(path).find((entry) => /^ld-linux.*\.so\.\d$/.test(entry)) : undefined;
    if (name !== undefined) return join(path, name);
  }
  throw new SetupError(`no dynamic loader in ${root}`);
}

function listLibraryFolders(root) {
  const lib = join(root, 'usr/lib');
  const multiarch = readdirSync(lib).filter((name) => name.endsWith('-linux-gnu'));
  return [...multiarch.map((name) => join(lib, name)), lib];
}
