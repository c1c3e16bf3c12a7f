// SPDX-License-Identifier: Apache-2.0
import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder into which plugins are mounted, beside those that npm installs. */
const PLUGIN_DIRECTORY = '/opt/grit/plugins';

const ENGINE_DIRECTORY = dirname(fileURLToPath(import.meta.url));

/**
 * The folder of a package: a path as it is; a name in the node_modules of the configuration's folder and those above it,
 * then of the engine's, then in the plugin folder. Undefined when it is nowhere; `looked` then says where it is not.
 */
export function findPackage(
  use: string,
  directory: string,
  pluginDirectory: string = PLUGIN_DIRECTORY,
): { readonly found: string } | { readonly looked: readonly string[] } {
  if (isAbsolute(use)) return isPackage(use) ? { found: realpathSync(use) } : { looked: [use] };
  const candidates = [
    ...nodeModules(directory, use),
    ...nodeModules(ENGINE_DIRECTORY, use),
    join(pluginDirectory, use),
    join(pluginDirectory, 'node_modules', use),
  ];
  const found = candidates.find(isPackage);
  if (found !== undefined) return { found: realpathSync(found) };
  return { looked: [directory, dirname(dirname(ENGINE_DIRECTORY)), pluginDirectory] };
}

/** As Node looks for packages. */
function nodeModules(from: string, name: string): string[] {
  const parent = dirname(from);
  return [join(from, 'node_modules', name), ...(parent === from ? [] : nodeModules(parent, name))];
}

function isPackage(folder: string): boolean {
  return existsSync(join(folder, 'package.json'));
}
