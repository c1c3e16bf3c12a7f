// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { NodeFiles } from './node-files.js';

/** CRIU's part for AMD GPUs. */
export const PLUGIN = 'amdgpu_plugin.so';

/** Where CRIU is told to look, or where a build of it and the distributions put its plugins. */
export function pluginDirectories(chosen: string | undefined, arch: string = process.arch): readonly string[] {
  if (chosen !== undefined) return [chosen];
  const triple = arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
  return ['/usr', '/usr/local'].flatMap((prefix) => [
    ...['lib', 'lib64', `lib/${triple}`, 'libexec'].map((directory) => join(prefix, directory, 'criu')),
  ]);
}

/** Its absolute path on the node; undefined where it is not. */
export async function findCriuPlugin(files: NodeFiles, directories: readonly string[]): Promise<string | undefined> {
  for (const directory of directories) {
    const path = join(directory, PLUGIN);
    if (await files.has(path)) return path;
  }
  return undefined;
}
