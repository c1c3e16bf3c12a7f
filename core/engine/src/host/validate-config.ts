// SPDX-License-Identifier: Apache-2.0
import { loadConfig, type LoadConfigOptions, type LoadedConfig } from '../config/load-config.js';
import type { DiscoveredPlugin } from './discovery/discovered-plugin.js';
import { describePlugin } from './discovery/discovered-plugin.js';
import { preparePlugins } from './prepare-plugins.js';

/** A configuration that would start, as far as can be said without starting it. */
export interface ValidatedConfig {
  readonly loaded: LoadedConfig;
  readonly plugins: readonly DiscoveredPlugin[];
}

/**
 * What `grit config check` does: reads the files, checks all manifests, loads the plugins' code for their schemas and
 * checks their configuration. Nothing is created or started. Throws what {@link loadConfig} and `PluginHost.start` throw.
 */
export async function validateConfigWithoutStarting(
  options: LoadConfigOptions & {
    readonly pluginDirectory?: string | undefined;
    /** Ids of services that the engine offers beside logger and host. */
    readonly services?: readonly string[] | undefined;
  },
): Promise<ValidatedConfig> {
  const loaded = await loadConfig(options);
  const { all, prepared } = await preparePlugins(loaded, ['server', 'agent'], {
    pluginDirectory: options.pluginDirectory,
    given: options.services ?? [],
  });
  const broken = prepared.filter((plugin) => plugin.loaded === undefined);
  if (broken.length > 0) {
    throw loaded.error(
      broken.map(({ discovered, importError }) => ({
        path: ['plugins', discovered.name, 'use'],
        code: 'GRIT_PLUGIN_BOOT_FAILED' as const,
        message: `${describePlugin(discovered)} cannot be imported: ${importError instanceof Error ? importError.message : String(importError)}`,
      })),
    );
  }
  return { loaded, plugins: all };
}
