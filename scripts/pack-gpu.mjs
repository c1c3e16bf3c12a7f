// SPDX-License-Identifier: Apache-2.0
// node scripts/pack-gpu.mjs OUT.tar.zst | OUT.tar.gz: the acceptance with a GPU in one archive that needs neither network nor checkout:
// Node, the packages, CRIU with its libraries, the programs. Unpack it there and start ./run.sh as root.
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { buildCount } from './gpu/build-count.mjs';
import { buildSimulation } from './gpu/build-simulation.mjs';
import { copyRuntimePackages } from './gpu/runtime-packages.mjs';
import { gritEnvironment } from './environment.mjs';
import { main } from './process/main.mjs';
import { capture, run } from './process/run.mjs';
import { setUp } from './setup.mjs';
import { findCachedCriu, installCriu } from './setup/criu.mjs';
import { NODE, ROOT } from './setup/paths.mjs';
import { say, SetupError } from './setup/report.mjs';

const PACKAGES = ['@grit/runtime-nvidia'];
const LIMIT_MB = 60;

const RUN = `#!/bin/sh
# The acceptance of GRIT on a machine with an NVIDIA GPU, as root. README.md tells the rest.
here=$(cd "$(dirname "$0")" && pwd)
PATH="$here/bin:\${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
exec "$here/bin/node" "$here/suite.mjs" "$@"
`;

const CRIU = `#!/bin/sh
here=$(cd "$(dirname "$0")/../criu" && pwd)
exec "$here/ld-linux-x86-64.so.2" --library-path "$here" "$here/criu" "$@"
`;

await main(async ([out]) => {
  const compression = { zst: 'zstd -12 -T0', gz: 'gzip -9' }[/\.tar\.(zst|gz)$/.exec(out ?? '')?.[1]];
  if (compression === undefined) throw new SetupError('node scripts/pack-gpu.mjs OUT.tar.zst | OUT.tar.gz');
  await setUp('build');
  await installCriu();
  await buildCount();
  await buildSimulation();
  const work = mkdtempSync(join(tmpdir(), 'grit-gpu-pack-'));
  try {
    const folder = join(work, 'grit-gpu');
    mkdirSync(join(folder, 'bin'), { recursive: true });
    await putSuite(folder);
    copyRuntimePackages(PACKAGES, folder);
    putPrograms(folder);
    const file = resolve(out);
    mkdirSync(dirname(file), { recursive: true });
    await run('tar', [
      '--create',
      `--use-compress-program=${compression}`,
      '--owner=0',
      '--group=0',
      '--file',
      file,
      '--directory',
      work,
      'grit-gpu',
    ]);
    const size = statSync(file).size / 1e6;
    say(`${out}: ${size.toFixed(1)} MB`);
    if (size > LIMIT_MB) throw new SetupError(`more than ${LIMIT_MB} MB`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});

async function putSuite(folder) {
  const { build } = await import('esbuild');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['test/gpu/run.ts'],
    outfile: join(folder, 'suite.mjs'),
    bundle: true,
    // The packages stay files: what the runtime starts as a process of its own is one of them.
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node24',
    logLevel: 'warning',
  });
  cpSync(join(ROOT, 'test/gpu/workload'), join(folder, 'workload'), { recursive: true });
  cpSync(join(ROOT, 'test/gpu/README.md'), join(folder, 'README.md'));
  cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
  writeFileSync(join(folder, 'COMMIT'), `${await commit()}\n`);
}

function putPrograms(folder) {
  const put = (name, text) => writeFileSync(join(folder, name), text, { mode: 0o755 });
  cpSync(NODE, join(folder, 'bin/node'));
  chmodSync(join(folder, 'bin/node'), 0o755);
  const criu = findCachedCriu();
  // Only the one of the cache brings its loader and libraries along.
  if (criu === undefined)
    throw new SetupError('no CRIU in the cache: node scripts/setup.mjs run makes one where the machine has none');
  mkdirSync(join(folder, 'criu'));
  for (const name of readdirSync(join(criu, '../lib'))) cpSync(join(criu, '../lib', name), join(folder, 'criu', name));
  put('bin/criu', CRIU);
  put('run.sh', RUN);
}

async function commit() {
  const { code, output } = await capture('git', ['describe', '--always', '--dirty=+', '--abbrev=12', '--exclude=*'], {
    cwd: ROOT,
    env: gritEnvironment(),
  });
  return code === 0 ? output.trim() : 'unknown';
}
