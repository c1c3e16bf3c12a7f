// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError, isGritError, parsePluginManifest } from '@grit/plugin-api';
import type { ConfigIssue } from '../../config/config-issue.js';
import type { PluginEntry } from '../../config/grit-config.js';
import type { LoadedConfig } from '../../config/load-config.js';
import type { DiscoveredPlugin } from './discovered-plugin.js';
import { findPackage } from './find-package.js';
import { packageEntry } from './package-entry.js';

const MAX_PACKAGE_JSON_BYTES = 1024 * 1024;

/** Finds every plugin of the configuration and reads its manifest; what is wrong becomes issues. */
export async function discoverPlugins(
  loaded: LoadedConfig,
  pluginDirectory: string | undefined,
  issues: ConfigIssue[],
): Promise<readonly DiscoveredPlugin[]> {
  const found = Object.entries(loaded.config.plugins).map(async ([name, configured]) => {
    try {
      return await discover(name, configured, loaded.directory, pluginDirectory);
    } catch (error) {
      const code = isGritError(error) ? error.code : 'GRIT_PLUGIN_MANIFEST_INVALID';
      issues.push({ path: ['plugins', name, 'use'], code, message: (error as Error).message });
      return undefined;
    }
  });
  return (await Promise.all(found)).filter((plugin) => plugin !== undefined);
}

async function discover(
  name: string,
  configured: PluginEntry,
  directory: string,
  pluginDirectory: string | undefined,
): Promise<DiscoveredPlugin> {
  const place = findPackage(configured.use, directory, pluginDirectory);
  if ('looked' in place) {
    throw new GritError('GRIT_PLUGIN_NOT_FOUND', `no package "${configured.use}" in ${place.looked.join(', ')}`);
  }
  const file = join(place.found, 'package.json');
  const packageJson = await readPackageJson(file);
  const manifest = parsePluginManifest(packageJson.grit, file);
  const entry = packageEntry(place.found, packageJson);
  if (entry === undefined)
    throw new GritError('GRIT_PLUGIN_MANIFEST_INVALID', `${file}: its exports or main name no file of the package`);
  const { name: packageName, version } = packageJson;
  if (typeof packageName !== 'string' || typeof version !== 'string') {
    throw new GritError('GRIT_PLUGIN_MANIFEST_INVALID', `${file}: a plugin needs a name and a version`);
  }
  return { name, packageName, version, directory: place.found, entry, manifest, configured };
}

async function readPackageJson(file: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(file, 'utf8');
  if (text.length > MAX_PACKAGE_JSON_BYTES) throw new Error(`${file} is larger than 1 MiB`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is no JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null) throw new Error(`${file} is no object`);
  return value as Record<string, unknown>;
}
