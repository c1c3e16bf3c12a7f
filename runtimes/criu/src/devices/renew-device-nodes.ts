// SPDX-License-Identifier: Apache-2.0
import { chmod, chown, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { GritError } from '@grit/plugin-api';
import type { BundleDevice } from '../container/device-nodes.js';
import { runOrThrow } from '../process/run-program.js';

/**
 * Makes the device nodes of a restored container those of its bundle. CRIU has brought back the /dev of the source: other devices, and numbers that
 * the kernel of this node may have given to something else. @param pid - any process of it @param owns - which of the old nodes are removed
 */
export async function renewDeviceNodes(
  pid: number,
  devices: readonly BundleDevice[],
  owns: (path: string) => boolean,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const root = `/proc/${pid}/root`;
  for (const name of await readdir(join(root, 'dev'))) {
    const path = join('/dev', name);
    const isNode = (await lstat(join(root, path))).isCharacterDevice();
    if (isNode && owns(path)) await rm(join(root, path));
  }
  for (const device of devices.filter(({ path }) => owns(path))) {
    const { type, path, major, minor, fileMode = 0o666, uid = 0, gid = 0 } = device;
    if (!/^[cbu]$/.test(type) || normalize(path) !== path || !path.startsWith('/dev/')) {
      throw new GritError('GRIT_RESTORE_FAILED', `the bundle has no valid device at ${path}`);
    }
    const place = join(root, path);
    await makePlainDirectory(root, dirname(path));
    await rm(place, { force: true });
    const words = [place, type === 'u' ? 'c' : type, String(major), String(minor)];
    await runOrThrow('mknod', words, { env, signal }, (message) => {
      return new GritError('GRIT_RESTORE_FAILED', `device node ${path} could not be made: ${message}`);
    });
    await chmod(place, fileMode & 0o777);
    await chown(place, uid, gid);
  }
}

/** A link in a container leads to a place of ours. Nothing moves there meanwhile: the processes are frozen. */
async function makePlainDirectory(root: string, path: string): Promise<void> {
  if (path === '/dev') return;
  await makePlainDirectory(root, dirname(path));
  const directory = join(root, path);
  await mkdir(directory).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  if ((await lstat(directory)).isDirectory()) return;
  throw new GritError('GRIT_RESTORE_FAILED', `${path} in the container is no directory`);
}
