// SPDX-License-Identifier: Apache-2.0
import { coreServices, type PluginHostRole } from '@grit/plugin-api';
import type { ConfigIssue } from '../../config/config-issue.js';
import { describePlugin, type DiscoveredPlugin } from './discovered-plugin.js';

const ROLES: readonly PluginHostRole[] = ['server', 'agent'];
const CORE: readonly string[] = Object.values(coreServices).map((ref) => ref.id);

/** The plugins whose services a plugin requires, in one process. */
export function providersFor(
  plugin: DiscoveredPlugin,
  plugins: readonly DiscoveredPlugin[],
  role: PluginHostRole,
): readonly DiscoveredPlugin[] {
  return plugins.filter(
    (other) =>
      other !== plugin &&
      other.manifest.runsIn.includes(role) &&
      other.manifest.provides.some((service) => plugin.manifest.requires.includes(service)),
  );
}

/** Services that nobody provides and plugins that need each other in a circle, in each of the two processes. */
export function checkDependencies(
  plugins: readonly DiscoveredPlugin[],
  given: readonly string[],
  issues: ConfigIssue[],
): void {
  for (const role of ROLES) {
    const here = plugins.filter((plugin) => plugin.manifest.runsIn.includes(role));
    for (const plugin of here) checkMissing(plugin, plugins, role, given, issues);
    const cycle = findCycle(here, role);
    if (cycle !== undefined) {
      report(cycle[0], `plugins require each other in a circle: ${cycle.map(({ name }) => name).join(' → ')}`, issues);
    }
  }
}

function checkMissing(
  plugin: DiscoveredPlugin,
  plugins: readonly DiscoveredPlugin[],
  role: PluginHostRole,
  given: readonly string[],
  issues: ConfigIssue[],
): void {
  const there = new Set([...CORE, ...given]);
  for (const provider of providersFor(plugin, plugins, role)) provider.manifest.provides.forEach((id) => there.add(id));
  for (const service of plugin.manifest.requires.filter((id) => !there.has(id))) {
    const elsewhere = plugins.find((other) => other !== plugin && other.manifest.provides.includes(service));
    const why =
      elsewhere === undefined
        ? 'which no plugin provides'
        : `which ${describePlugin(elsewhere)} provides only in the ${elsewhere.manifest.runsIn.join(' and ')}, not in the ${role}`;
    report(plugin, `${describePlugin(plugin)} requires ${service}, ${why}`, issues);
  }
}

function findCycle(
  plugins: readonly DiscoveredPlugin[],
  role: PluginHostRole,
): readonly [DiscoveredPlugin, ...DiscoveredPlugin[]] | undefined {
  const done = new Set<DiscoveredPlugin>();
  const visit = (
    plugin: DiscoveredPlugin,
    trail: readonly DiscoveredPlugin[],
  ): readonly [DiscoveredPlugin, ...DiscoveredPlugin[]] | undefined => {
    if (trail.includes(plugin)) return [plugin, ...trail.slice(trail.indexOf(plugin) + 1), plugin];
    if (done.has(plugin)) return undefined;
    for (const provider of providersFor(plugin, plugins, role)) {
      const cycle = visit(provider, [...trail, plugin]);
      if (cycle !== undefined) return cycle;
    }
    done.add(plugin);
    return undefined;
  };
  for (const plugin of plugins) {
    const cycle = visit(plugin, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

function report(plugin: DiscoveredPlugin, message: string, issues: ConfigIssue[]): void {
  const issue: ConfigIssue = {
    path: ['plugins', plugin.name],
    at: 'key',
    code: 'GRIT_PLUGIN_DEPENDENCY_MISSING',
    message,
  };
  if (!issues.some((other) => other.message === message)) issues.push(issue);
}
