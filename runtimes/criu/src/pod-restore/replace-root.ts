// SPDX-License-Identifier: Apache-2.0
import { readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GritError } from '@grit/plugin-api';
import { readSealedJson, readTextIfThere, writeSealedJson } from '../files/sealed-json.js';
import { unescapeMountPath } from '../files/unmount-below.js';
import type { NodeEnvironment } from '../node-environment.js';
import { runOrThrow } from '../process/run-program.js';
import { unpackRoot } from '../rootfs/root-diff.js';
import { pathThrough, type Shim } from './caller.js';

/** An overlay that containerd has mounted. */
interface MountedRoot {
  /** For `mount -o`. */
  readonly options: string;
  readonly upper: string;
}

/** Somebody may be looking: what counts the bytes of containers does. */
const UNMOUNT = 'for try in 1 2 3 4 5 6 7 8 9; do umount "$1" && exit; sleep 0.2; done; umount "$1"';

/**
 * Puts the changed files of the image into the root of a new container. Its overlay is unmounted meanwhile: the kernel does not say what an
 * overlay shows whose layers are changed. @param work - a directory of ours, in which a killed agent leaves word
 */
export async function replaceRoot(
  node: NodeEnvironment,
  shim: Shim,
  root: string,
  tar: string,
  work: string,
  signal: AbortSignal,
): Promise<void> {
  const note = join(work, 'root.json');
  const mounted = await findOverlay(shim, root);
  const overlay = mounted ?? (await readSealedJson<MountedRoot>(note));
  if (overlay === undefined) {
    throw new GritError('GRIT_RESTORE_INCOMPATIBLE', 'the root of the container is no overlay', {
      hint: 'Use the overlayfs snapshotter of containerd on this node.',
    });
  }
  if (mounted !== undefined) {
    await writeSealedJson(note, mounted);
    await inNamespace(node, shim, UNMOUNT, [root], signal);
  }
  const upper = pathThrough(shim, overlay.upper);
  for (const name of await readdir(upper)) await rm(join(upper, name), { recursive: true, force: true });
  await unpackRoot(node, tar, upper, signal);
  // Where there are many layers, their paths are relative to the folder of the snapshots: …/snapshots/N/fs.
  const folder = dirname(dirname(overlay.upper));
  await inNamespace(
    node,
    shim,
    'cd "$1" && mount -t overlay -o "$2" overlay "$3"',
    [folder, overlay.options, root],
    signal,
  );
}

/** The overlay at this place in the shim's namespace; undefined when nothing is mounted there. */
async function findOverlay(shim: Shim, root: string): Promise<MountedRoot | undefined> {
  const table = (await readTextIfThere(`/proc/${shim.pid}/mountinfo`)) ?? '';
  for (const line of table.split('\n').reverse()) {
    const [own = '', file = ''] = line.split(' - ');
    const fields = own.split(' ');
    if (unescapeMountPath(fields[4] ?? '') !== root) continue;
    const [type, , ...words] = file.split(' ');
    const options = unescapeMountPath(words.join(' '));
    const upper = /(?:^|,)upperdir=([^,]+)/.exec(options)?.[1];
    if (type !== 'overlay' || upper === undefined) continue;
    const flags = (fields[5] ?? '').split(',').filter((option) => !['rw', 'relatime'].includes(option));
    return { options: [...options.split(',').filter((option) => option !== 'rw'), ...flags].join(','), upper };
  }
  return undefined;
}

async function inNamespace(
  node: NodeEnvironment,
  shim: Shim,
  script: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const enter = [`--target=${shim.pid}`, '--mount', '--', 'sh', '-c', script, 'sh'];
  await runOrThrow('nsenter', [...enter, ...args], { env: node.env, signal }, (message) => {
    return new GritError('GRIT_RESTORE_FAILED', `the root of the container could not be replaced: ${message}`);
  });
}
