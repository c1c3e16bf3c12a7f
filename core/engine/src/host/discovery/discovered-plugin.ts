// SPDX-License-Identifier: Apache-2.0
import type { PluginManifest } from '@grit/plugin-api';
import type { PluginEntry } from '../../config/grit-config.js';

/** A plugin of the configuration, found on disk; none of its code has been loaded. */
export interface DiscoveredPlugin {
  /** In grit.yaml. */
  readonly name: string;
  readonly packageName: string;
  readonly version: string;
  /** Real path of the package. */
  readonly directory: string;
  /** The file to import. */
  readonly entry: string;
  readonly manifest: PluginManifest;
  readonly configured: PluginEntry;
}

/** `plugin "store" (@grit/storage-pvc@0.1.0, /path)`: how every message names a plugin. */
export function describePlugin(plugin: DiscoveredPlugin): string {
  return `plugin "${plugin.name}" (${plugin.packageName}@${plugin.version}, ${plugin.directory})`;
}
