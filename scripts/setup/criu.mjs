// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { capture } from '../process/run.mjs';
import { buildCriu } from './build-criu.mjs';
import { findProgram } from './find-program.mjs';
import { CACHE } from './paths.mjs';

// CRIU before 4.2 cannot dump an inet socket on kernel >= 6.16 (docs/adr/0006).
const OLDEST = [4, 2];

/** Makes sure that there is a CRIU >= 4.2: the machine's own, or one in the cache, made from Debian testing's package. */
export async function installCriu() {
  if (findCachedCriu() !== undefined || (await hasOwnCriu())) return;
  await buildCriu();
}

/** Folder to put first in PATH so that runc finds our CRIU; undefined where the machine's own is to be used. */
export function findCachedCriu() {
  if (!existsSync(CACHE)) return undefined;
  const newest = readdirSync(CACHE)
    .filter((name) => /^criu-\d+(\.\d+)*$/.test(name) && existsSync(join(CACHE, name, 'bin', 'criu')))
    .filter((name) => isRecent(name.slice('criu-'.length)))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);
  return newest === undefined ? undefined : join(CACHE, newest, 'bin');
}

async function hasOwnCriu() {
  const program = findProgram('criu');
  if (program === undefined) return false;
  const { code, output } = await capture(program, ['--version']);
  const version = /Version: (\d+(?:\.\d+)*)/.exec(output)?.[1];
  return code === 0 && version !== undefined && isRecent(version);
}

function isRecent(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}
