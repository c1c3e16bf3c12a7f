// SPDX-License-Identifier: Apache-2.0
import { BUILTIN_PLUGINS } from '../../config/builtin-config.js';
import type { LoadedConfig } from '../../config/load-config.js';
import { findRival } from './check-plugins.js';
import type { DiscoveredPlugin } from './discovered-plugin.js';

/**
 * Leaves out the built-in plugins that a file has chosen another one in place of: who names a runtime means it. One that a file names, too, stays, and the
 * two are a conflict.
 */
export function withoutReplaced(
  plugins: readonly DiscoveredPlugin[],
  { isFromFile }: Pick<LoadedConfig, 'isFromFile'>,
): readonly DiscoveredPlugin[] {
  return plugins.filter((plugin) => {
    const isDefault = BUILTIN_PLUGINS.includes(plugin.name) && !isFromFile(['plugins', plugin.name]);
    return !isDefault || findRival(plugin, plugins) === undefined;
  });
}
