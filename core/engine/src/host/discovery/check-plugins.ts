// SPDX-License-Identifier: Apache-2.0
import { PLUGIN_KINDS, pluginServices, satisfiesRange } from '@grit/plugin-api';
import { BUILTIN_PLUGINS } from '../../config/builtin-config.js';
import type { ConfigIssue } from '../../config/config-issue.js';
import type { LoadedConfig } from '../../config/load-config.js';
import { GRIT_VERSION } from '../grit-version.js';
import { describePlugin, type DiscoveredPlugin } from './discovered-plugin.js';

const MANY: ReadonlySet<string> = new Set(
  Object.values(pluginServices)
    .filter((ref) => ref.multiplicity === 'many')
    .map((ref) => ref.id),
);

/** Versions, conflicts and the default storage, from the manifests alone. */
export function checkPlugins(plugins: readonly DiscoveredPlugin[], loaded: LoadedConfig, issues: ConfigIssue[]): void {
  for (const plugin of plugins) checkVersions(plugin, issues);
  checkConflicts(plugins, issues);
  for (const plugin of plugins) checkStores(plugin, loaded, issues);
  const { storage } = loaded.config.defaults;
  const store = plugins.find((plugin) => plugin.name === storage);
  if (store !== undefined && !store.manifest.provides.includes(pluginServices.storageProvider.id)) {
    issues.push({
      path: ['defaults', 'storage'],
      message: `${describePlugin(store)} is no storage but a ${store.manifest.kind}`,
    });
  }
}

function checkVersions(plugin: DiscoveredPlugin, issues: ConfigIssue[]): void {
  const { kind, apiVersion, gritRange } = plugin.manifest;
  const report = (message: string): void => {
    const path = ['plugins', plugin.name, 'use'];
    issues.push({ path, code: 'GRIT_PLUGIN_API_MISMATCH', message: `${describePlugin(plugin)} ${message}` });
  };
  if (apiVersion !== PLUGIN_KINDS[kind]) report(`is written for ${apiVersion}; this GRIT has ${PLUGIN_KINDS[kind]}`);
  if (!satisfiesRange(GRIT_VERSION, gritRange)) report(`is written for GRIT ${gritRange}; this is ${GRIT_VERSION}`);
}

/** Who gives keys or a policy to something that stores nothing believes that something is encrypted, or deleted in time. */
function checkStores(plugin: DiscoveredPlugin, loaded: LoadedConfig, issues: ConfigIssue[]): void {
  if (plugin.manifest.provides.includes(pluginServices.storageProvider.id)) return;
  const given = loaded.config.plugins[plugin.name];
  for (const [key, what] of Object.entries({ encryption: 'encrypt', retention: 'keep or delete' } as const)) {
    if (given?.[key as 'encryption' | 'retention'] === undefined) continue;
    const path = ['plugins', plugin.name, key];
    issues.push({ path, at: 'key', message: `${describePlugin(plugin)} is no storage: it has nothing to ${what}` });
  }
}

/** A service that only one may provide, provided twice in the same process. */
function checkConflicts(plugins: readonly DiscoveredPlugin[], issues: ConfigIssue[]): void {
  plugins.forEach((plugin, index) => {
    const rival = findRival(plugin, plugins.slice(0, index));
    if (rival === undefined) return;
    const { other, service } = rival;
    const builtin = [other, plugin].find(({ name }) => BUILTIN_PLUGINS.includes(name));
    const cure = builtin === undefined ? '' : `; "plugins: { ${builtin.name}: null }" leaves the built-in one out`;
    issues.push({
      path: ['plugins', (builtin === plugin ? other : plugin).name],
      at: 'key',
      code: 'GRIT_PLUGIN_CONFLICT',
      message: `${describePlugin(other)} and ${describePlugin(plugin)} both provide ${service}${cure}`,
    });
  });
}

/** The first of the others that provides, in the same process, a service that only one may provide. */
export function findRival(
  plugin: DiscoveredPlugin,
  others: readonly DiscoveredPlugin[],
): { readonly other: DiscoveredPlugin; readonly service: string } | undefined {
  for (const service of plugin.manifest.provides.filter((id) => !MANY.has(id))) {
    const other = others.find((candidate) => candidate !== plugin && providesBeside(candidate, service, plugin));
    if (other !== undefined) return { other, service };
  }
  return undefined;
}

function providesBeside(plugin: DiscoveredPlugin, service: string, other: DiscoveredPlugin): boolean {
  const together = plugin.manifest.runsIn.some((role) => other.manifest.runsIn.includes(role));
  return together && plugin.manifest.provides.includes(service);
}
