// SPDX-License-Identifier: Apache-2.0
import type { GritConfig } from '../config/grit-config.js';
import { loadConfig, type LoadConfigOptions } from '../config/load-config.js';
import { discoverPlugins } from './discovery/discover-plugins.js';
import { withoutReplaced } from './discovery/replaced-builtins.js';

/**
 * What `grit config show` prints: all that the files amount to, without secrets and without the defaults that a file has chosen another plugin in place
 * of. Plugins that cannot be found are shown as well. Throws what {@link loadConfig} throws.
 */
export async function effectiveConfig(
  options: LoadConfigOptions & { readonly pluginDirectory?: string | undefined },
): Promise<unknown> {
  const loaded = await loadConfig(options);
  const found = await discoverPlugins(loaded, options.pluginDirectory, []);
  const used = withoutReplaced(found, loaded);
  const replaced = new Set(found.filter((plugin) => !used.includes(plugin)).map(({ name }) => name));
  const shown = loaded.show() as GritConfig;
  const plugins = Object.entries(shown.plugins).filter(([name]) => !replaced.has(name));
  return { ...shown, plugins: Object.fromEntries(plugins) };
}
