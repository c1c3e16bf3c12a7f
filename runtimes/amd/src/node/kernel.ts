// SPDX-License-Identifier: Apache-2.0
import { gunzipSync } from 'node:zlib';
import type { NodeFiles } from './node-files.js';

/** The kernel of a node. */
export interface Kernel {
  /** As `uname -r` says it; empty where /proc does not tell. */
  readonly release: string;
  /** What it was built with, `CONFIG_X` to `y`, `m` or another value; undefined where that is not to be found. */
  readonly options: ReadonlyMap<string, string> | undefined;
}

/** Asks /proc, then the places where distributions keep the configuration of the kernel. */
export async function readKernel(files: NodeFiles): Promise<Kernel> {
  const release = ((await files.text('/proc/sys/kernel/osrelease')) ?? '').trim();
  const text =
    unpacked(await files.bytes('/proc/config.gz')) ??
    (await files.text(`/boot/config-${release}`)) ??
    (await files.text(`/lib/modules/${release}/config`));
  if (text === undefined) return { release, options: undefined };
  const lines = [...text.matchAll(/^(CONFIG_\w+)=(.*)$/gm)];
  return { release, options: new Map(lines.map(([, name = '', value = '']) => [name, value])) };
}

/** True for a release that is this version or a later one; also for one that cannot be read. */
export function isAtLeast(release: string, major: number, minor: number): boolean {
  const found = /^(\d+)\.(\d+)/.exec(release);
  if (found === null) return true;
  const [here, there] = [Number(found[1]), Number(found[2])];
  return here > major || (here === major && there >= minor);
}

function unpacked(bytes: Buffer | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch {
    return undefined;
  }
}
