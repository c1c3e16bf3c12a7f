// SPDX-License-Identifier: Apache-2.0
import type { PluginHostRole } from '@grit/plugin-api';
import type { ConfigIssue } from '../config/config-issue.js';
import type { LoadedConfig } from '../config/load-config.js';
import { checkPlugins } from './discovery/check-plugins.js';
import type { DiscoveredPlugin } from './discovery/discovered-plugin.js';
import { discoverPlugins } from './discovery/discover-plugins.js';
import { checkDependencies } from './discovery/plugin-order.js';
import { withoutReplaced } from './discovery/replaced-builtins.js';
import { loadPlugin, type LoadedPlugin } from './load-plugin.js';

/** A plugin that may be started, or why its code could not be loaded. */
export interface PreparedPlugin {
  readonly discovered: DiscoveredPlugin;
  readonly loaded: LoadedPlugin | undefined;
  readonly importError: unknown;
}

/**
 * Everything that comes before the start: finds the plugins, checks all manifests, then loads the code of those that run
 * in one of the roles and checks their configuration. Throws one error with all that is wrong; nothing has started then.
 */
export async function preparePlugins(
  loaded: LoadedConfig,
  roles: readonly PluginHostRole[],
  options: { readonly pluginDirectory?: string | undefined; readonly given: readonly string[] },
): Promise<{ readonly all: readonly DiscoveredPlugin[]; readonly prepared: readonly PreparedPlugin[] }> {
  const issues: ConfigIssue[] = [];
  const found = await discoverPlugins(loaded, options.pluginDirectory, issues);
  const all = withoutReplaced(found, loaded);
  checkPlugins(all, loaded, issues);
  // With plugins missing, services are missing too: the cause alone is told.
  if (found.length === Object.keys(loaded.config.plugins).length) checkDependencies(all, options.given, issues);
  if (issues.length > 0) throw loaded.error(issues);
  const here = all.filter((plugin) => plugin.manifest.runsIn.some((role) => roles.includes(role)));
  const prepared = await Promise.all(here.map((plugin) => prepare(plugin, options.given, issues)));
  if (issues.length > 0) throw loaded.error(issues);
  return { all, prepared };
}

async function prepare(
  discovered: DiscoveredPlugin,
  given: readonly string[],
  issues: ConfigIssue[],
): Promise<PreparedPlugin> {
  try {
    return { discovered, loaded: await loadPlugin(discovered, given, issues), importError: undefined };
  } catch (error) {
    return { discovered, loaded: undefined, importError: error };
  }
}
