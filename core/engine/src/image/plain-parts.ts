// SPDX-License-Identifier: Apache-2.0
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError, type PartKind, type PartSource } from '@grit/plugin-api';

/** The file that every CRIU image has. */
const INVENTORY = 'inventory.img';

/** Files beside `criu/` that mean something to us. */
const BESIDE: Readonly<Record<string, PartKind>> = { 'rootfs.tar': 'rootfs', log: 'log', 'config.json': 'runtime' };

/**
 * The parts of a directory with a CRIU image in it: either CRIU's files themselves (`runc checkpoint --image-path`), or in `criu/` with
 * `rootfs.tar`, `log` and `config.json` beside it. Throws GRIT_REQUEST_INVALID.
 */
export async function plainParts(directory: string): Promise<PartSource[]> {
  const criu = join(directory, 'criu');
  if (await isFile(join(directory, INVENTORY))) return criuParts(directory);
  if (!(await isFile(join(criu, INVENTORY)))) {
    throw new GritError(
      'GRIT_REQUEST_INVALID',
      `${directory} has no CRIU image: no ${INVENTORY}, no criu/${INVENTORY}`,
      {
        hint: 'Name a directory that `grit image export` or `runc checkpoint --image-path` has written.',
      },
    );
  }
  const parts = await criuParts(criu);
  for (const [name, kind] of Object.entries(BESIDE)) {
    if (await isFile(join(directory, name))) parts.push({ name, kind, path: join(directory, name) });
  }
  return parts;
}

async function criuParts(directory: string): Promise<PartSource[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  if (entries.some((entry) => entry.name === 'parent' && entry.isSymbolicLink())) {
    throw new GritError('GRIT_REQUEST_INVALID', `${directory} has only what changed since another dump`, {
      hint: 'Dump without --parent-path: an image must be whole.',
    });
  }
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name }): PartSource => {
      const kind = /^pages-.*\.img$/.test(name) ? 'memory' : 'runtime';
      return { name: `criu/${name}`, kind, path: join(directory, name) };
    });
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
