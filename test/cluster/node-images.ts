// SPDX-License-Identifier: Apache-2.0
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeOciArchive } from './oci-archive.js';
import { packFolder } from './pack-folder.js';
import { runProgram } from './run-program.js';

export const PAUSE_IMAGE = 'localhost/pause:1';
/** A shell and the usual commands; it starts the shell. */
export const BUSYBOX_IMAGE = 'localhost/busybox:1';

/** Debian's busybox-static puts it here. */
export const BUSYBOX = '/bin/busybox';

/** Writes the archives of the images that every node has; resolves with their paths. */
export async function writeImages(directory: string, pause: string): Promise<string[]> {
  mkdirSync(directory, { recursive: true });
  const pauseRoot = makeRoot(directory, 'pause', join(pause, 'pause'));
  const busyboxRoot = makeRoot(directory, 'busybox', BUSYBOX);
  for (const name of (await runProgram(BUSYBOX, ['--list'])).trim().split('\n')) {
    if (name !== 'busybox') symlinkSync('busybox', join(busyboxRoot, 'bin', name));
  }
  return [await pack(PAUSE_IMAGE, pauseRoot, '/bin/pause'), await pack(BUSYBOX_IMAGE, busyboxRoot, '/bin/sh')];
}

async function pack(name: string, root: string, program: string): Promise<string> {
  const [archive, layer] = [`${root}.tar`, `${root}.layer`];
  await packFolder(root, layer);
  await writeOciArchive(archive, { name, layer, command: [program], environment: ['PATH=/bin'] });
  rmSync(root, { recursive: true });
  return archive;
}

function makeRoot(directory: string, name: string, program: string): string {
  const root = join(directory, name);
  for (const folder of ['bin', 'etc', 'tmp', 'proc', 'sys', 'dev']) mkdirSync(join(root, folder), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
  writeFileSync(join(root, 'etc', 'passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  copyFileSync(program, join(root, 'bin', name));
  chmodSync(join(root, 'bin', name), 0o755);
  return root;
}
