// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { unlinkedFiles, type PackedDirectory } from '../driver/link-remaps.js';
import type { ContainerToDump, PodToDump } from './pod-to-dump.js';

/** What is packed, and when. */
export interface PackPlan {
  /** Right away, by name of the part. */
  readonly now: ReadonlyMap<string, PackedDirectory>;
  /** At the end of the dump of one container, by its name: CRIU's names for unlinked files are there only then. */
  readonly inDump: ReadonlyMap<string, ReadonlyMap<string, PackedDirectory>>;
}

/**
 * Decides it for a frozen pod. @param pids - of each container, in their order @param pathOf - where a part is written
 */
export async function planPacks(
  { containers, volumes, shm }: PodToDump,
  pids: readonly (readonly number[])[],
  pathOf: (part: string) => string,
): Promise<PackPlan> {
  const now = new Map<string, PackedDirectory>();
  const plan = (part: string, directory: string): void => void now.set(part, { directory, tar: pathOf(part) });
  for (const { container, upper } of containers) plan(rootPart(container.name), upper);
  for (const { name, directory } of volumes) plan(volumePart(name), directory);
  if (shm !== undefined) plan(SHM_PART, shm);

  const inDump = new Map<string, Map<string, PackedDirectory>>();
  for (const [index, one] of containers.entries()) {
    const files = await unlinkedFiles(pids[index] ?? []);
    const own = new Map<string, PackedDirectory>();
    for (const part of new Set(files.map((file) => partOf(file, one, [...now.keys()])))) {
      const packed = part === undefined ? undefined : now.get(part);
      if (part !== undefined && packed !== undefined) own.set(part, packed);
    }
    if (own.size > 0) inDump.set(one.container.name, own);
  }
  const deferred = [...inDump.values()].flatMap((parts) => [...parts.keys()]);
  const twice = deferred.find((part, index) => deferred.indexOf(part) !== index);
  if (twice !== undefined) {
    throw new GritError('GRIT_DUMP_FAILED', `more than one container has deleted files open in ${twice}`, {
      hint: 'CRIU gives these files names for the time of a dump, which would be the same. Let one container close them.',
    });
  }
  for (const part of deferred) now.delete(part);
  return { now, inDump };
}

export const SHM_PART = 'shm.tar';

function rootPart(container: string): string {
  return `containers/${container}/rootfs.tar`;
}

function volumePart(name: string): string {
  return `volumes/${name}.tar`;
}

/** The part that a file, as the container sees it, is in; undefined for what is in no part. */
function partOf(file: string, { container }: ContainerToDump, parts: readonly string[]): string | undefined {
  const mounts = (container.spec.mounts ?? []).filter(({ destination }) => file.startsWith(`${destination}/`));
  const innermost = mounts.sort((a, b) => b.destination.length - a.destination.length)[0];
  if (innermost === undefined) return rootPart(container.name);
  if (innermost.destination === '/dev/shm') return SHM_PART;
  const name = /\/volumes\/kubernetes\.io~empty-dir\/([^/]+)/.exec(innermost.source ?? '')?.[1];
  // A mount of a folder of a volume: which volume it is of is in the path too.
  const folder = /\/volume-subpaths\/([^/]+)\//.exec(innermost.source ?? '')?.[1];
  return parts.find((part) => part === volumePart(name ?? folder ?? ''));
}
