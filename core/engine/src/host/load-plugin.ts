// SPDX-License-Identifier: Apache-2.0
import { pathToFileURL } from 'node:url';
import { coreServices, isGritPlugin, type GritPlugin } from '@grit/plugin-api';
import type { ConfigIssue } from '../config/config-issue.js';
import { didYouMean } from '../config/schema/did-you-mean.js';
import { describePlugin, type DiscoveredPlugin } from './discovery/discovered-plugin.js';

/** A plugin whose code is loaded and whose configuration has passed. */
export interface LoadedPlugin {
  readonly plugin: GritPlugin;
  /** What its schema made of it. */
  readonly config: unknown;
}

/** Imports a plugin; throws what the import throws. What is wrong with the plugin or its configuration becomes issues. */
export async function loadPlugin(
  discovered: DiscoveredPlugin,
  given: readonly string[],
  issues: ConfigIssue[],
): Promise<LoadedPlugin | undefined> {
  const module = (await import(pathToFileURL(discovered.entry).href)) as { readonly default?: unknown };
  const plugin = module.default;
  if (!isGritPlugin(plugin)) {
    invalid(discovered, `has no default export made by definePlugin in ${discovered.entry}`, issues);
    return undefined;
  }
  checkDeps(discovered, plugin, given, issues);
  const config = await checkConfig(discovered, plugin, issues);
  return { plugin, config };
}

/** What it wants at run time must be what its manifest says. */
function checkDeps(
  discovered: DiscoveredPlugin,
  plugin: GritPlugin,
  given: readonly string[],
  issues: ConfigIssue[],
): void {
  const core = Object.values(coreServices).map((ref) => ref.id);
  const known = new Set([...core, ...given, ...discovered.manifest.requires]);
  for (const ref of Object.values(plugin.deps)) {
    if (!known.has(ref.id)) invalid(discovered, `depends on ${ref.id}, which its manifest does not require`, issues);
  }
}

async function checkConfig(discovered: DiscoveredPlugin, plugin: GritPlugin, issues: ConfigIssue[]): Promise<unknown> {
  const { config } = discovered.configured;
  const path = ['plugins', discovered.name, 'config'];
  if (plugin.config === undefined) {
    const [key] = Object.keys(config);
    if (key !== undefined)
      issues.push({ path: [...path, key], at: 'key', message: 'this plugin has no configuration' });
    return undefined;
  }
  const result = await plugin.config['~standard'].validate(config);
  if (result.issues === undefined) return result.value;
  for (const issue of result.issues) {
    const keys = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
    const unknown = /^unknown key; known are: (.*)$/.exec(issue.message);
    const hint = unknown === null ? '' : didYouMean(keys.at(-1) ?? '', (unknown[1] ?? '').split(', '));
    issues.push({
      path: [...path, ...keys],
      at: unknown === null ? 'value' : 'key',
      message: hint === '' ? issue.message : `unknown key${hint}`,
    });
  }
  return undefined;
}

function invalid(discovered: DiscoveredPlugin, problem: string, issues: ConfigIssue[]): void {
  issues.push({
    path: ['plugins', discovered.name, 'use'],
    code: 'GRIT_PLUGIN_MANIFEST_INVALID',
    message: `${describePlugin(discovered)} ${problem}`,
  });
}
