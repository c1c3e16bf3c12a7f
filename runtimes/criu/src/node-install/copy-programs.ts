// SPDX-License-Identifier: Apache-2.0
import { cp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Names the build of an image: programs of the same build are the same. */
const BUILD = 'BUILD';
const BUILDS = 'build-';

/**
 * Copies the programs of this image to the node, beside those of other builds, and makes them the current ones in one step. Those of other
 * builds are removed: their agent has ended. Returns whether something was copied.
 *
 * `source` is in this container, `target` the directory of the node as it is mounted here.
 */
export async function copyPrograms(source: string, target: string): Promise<boolean> {
  const build = `${BUILDS}${(await readFile(join(source, BUILD), 'utf8')).trim()}`;
  const there = await readdir(target);
  const missing = !there.includes(build);
  if (missing) {
    const draft = join(target, `.new-${build}`);
    await rm(draft, { recursive: true, force: true });
    await cp(source, draft, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    await rename(draft, join(target, build));
  }
  const link = join(target, `.current-${process.pid}`);
  await symlink(build, link);
  await rename(link, join(target, 'current'));
  const old = there.filter((name) => name !== build && /^(\.new-)?build-|^\.current-/.test(name));
  for (const name of old) await rm(join(target, name), { recursive: true, force: true });
  return missing;
}
