// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterNode } from '../../cluster/index.js';

/** Where GRIT and containerd's configuration are on a node, as the machine sees them. */
const PLACES = ['root/opt/grit', 'root/run/grit', 'root/var/lib/grit', 'containerd.d', 'containerd.toml'];

/** Everything that an installation may have left on a node: the names and texts of what is there. */
export function tracesOn({ directory }: ClusterNode): Readonly<Record<string, string>> {
  return Object.fromEntries(PLACES.flatMap((place) => listFiles(directory, place)));
}

function listFiles(directory: string, place: string): [string, string][] {
  const path = join(directory, place);
  try {
    return readdirSync(path).flatMap((name) => listFiles(directory, join(place, name)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code !== 'ENOTDIR') throw error;
    return [[place, readFileSync(path, 'latin1')]];
  }
}
