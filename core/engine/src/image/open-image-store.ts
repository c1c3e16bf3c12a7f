// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { GritError, pluginServices, type StorageProvider } from '@grit/plugin-api';
import { loadConfig, type LoadConfigOptions, type LoadedConfig } from '../config/load-config.js';
import { JsonLogger } from '../container/json-logger.js';
import { PluginHost } from '../host/plugin-host.js';
import { policiesOf } from '../retention/policies-of.js';
import type { RetentionPolicy } from '../retention/retention-policy.js';

/** Which store is opened. */
export interface OpenStoreOptions extends LoadConfigOptions {
  /** Name of a storage plugin of the configuration. Default: its `defaults.storage`. */
  readonly storage?: string | undefined;
  /** Gets what the plugin logs. */
  readonly writeLog: (line: string) => void;
}

/** A store of the configuration, without server and agent. */
export interface OpenStore {
  readonly name: string;
  readonly provider: StorageProvider;
  /** As the configuration has it. */
  readonly retention: RetentionPolicy;
  /** Never throws. */
  close(): Promise<void>;
}

/**
 * Starts the one storage plugin. What it keeps for itself is apart from what it keeps in a running agent. Errors: those of
 * {@link loadConfig} and `PluginHost.start`; GRIT_STORAGE_UNKNOWN.
 */
export async function openImageStore(options: OpenStoreOptions, signal: AbortSignal): Promise<OpenStore> {
  const loaded = await loadConfig(options);
  const name = options.storage ?? loaded.config.defaults.storage;
  const host = new PluginHost({
    config: withStorage(loaded, name),
    role: 'agent',
    stateDirectory: join(options.stateDirectory, 'image'),
    logger: new JsonLogger({
      level: 'warn',
      write: options.writeLog,
      redact: loaded.redact,
      fields: { storage: name },
    }),
  });
  await host.start(signal);
  const retention = policiesOf(loaded.config.plugins).get(name) ?? {};
  return { name, retention, provider: host.get(pluginServices.storageProvider), close: () => host.stop() };
}

/** The configuration with no plugin but the store: a runtime need not even be there. */
function withStorage(loaded: LoadedConfig, name: string): LoadedConfig {
  const { config } = loaded;
  const plugin = Object.hasOwn(config.plugins, name) ? config.plugins[name] : undefined;
  if (plugin === undefined) {
    const names = Object.keys(config.plugins).join(', ');
    throw new GritError('GRIT_STORAGE_UNKNOWN', `there is no storage ${name}; plugins are: ${names}`);
  }
  const defaults = { ...config.defaults, storage: name };
  return { ...loaded, config: { ...config, defaults, plugins: { [name]: plugin } } };
}
