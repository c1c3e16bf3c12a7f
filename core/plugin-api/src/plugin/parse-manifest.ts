// SPDX-License-Identifier: Apache-2.0
import { GritError } from '../errors/grit-error.js';
import { NAME_PATTERN } from '../workload/check-name.js';
import {
  DEFAULT_ROLES,
  PLUGIN_KINDS,
  type PluginHostRole,
  type PluginKind,
  type PluginManifest,
} from './plugin-manifest.js';
import { isVersionRange } from './version-range.js';

const FIELDS = ['id', 'kind', 'apiVersion', 'gritRange', 'provides', 'requires', 'capabilities', 'runsIn'];

/**
 * Reads `package.json#grit`. Throws GRIT_PLUGIN_MANIFEST_INVALID with all problems at once.
 * @param where - names the file in messages
 */
export function parsePluginManifest(value: unknown, where: string): PluginManifest {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(where, ['"grit" is missing: this package is no plugin']);
  }
  const manifest = value as Record<string, unknown>;
  const problems = Object.keys(manifest)
    .filter((key) => !FIELDS.includes(key))
    .map((key) => `grit.${key}: unknown field; known are: ${FIELDS.join(', ')}`);

  const kind = manifest.kind as PluginKind;
  if (typeof manifest.id !== 'string' || !NAME_PATTERN.test(manifest.id))
    problems.push('grit.id: expected a kebab-case name');
  if (typeof kind !== 'string' || !Object.hasOwn(PLUGIN_KINDS, kind)) {
    problems.push(`grit.kind: expected one of: ${Object.keys(PLUGIN_KINDS).join(', ')}`);
  }
  if (typeof manifest.apiVersion !== 'string' || !/^[a-z]+\/v[0-9]+$/.test(manifest.apiVersion)) {
    problems.push('grit.apiVersion: expected kind/vN, like storage/v1');
  }
  if (typeof manifest.gritRange !== 'string' || !isVersionRange(manifest.gritRange)) {
    problems.push('grit.gritRange: expected a range of versions, like ^0.1.0');
  }
  const provides = names(manifest.provides, 'provides', problems);
  const requires = names(manifest.requires, 'requires', problems);
  const capabilities = names(manifest.capabilities, 'capabilities', problems);
  const runsIn = manifest.runsIn === undefined ? undefined : names(manifest.runsIn, 'runsIn', problems);
  if (runsIn?.some((role) => role !== 'server' && role !== 'agent') === true || runsIn?.length === 0) {
    problems.push('grit.runsIn: expected a list of: server, agent');
  }
  if (problems.length > 0) throw invalid(where, problems);
  return {
    id: manifest.id as string,
    kind,
    apiVersion: manifest.apiVersion as string,
    gritRange: manifest.gritRange as string,
    provides,
    requires,
    capabilities,
    runsIn: (runsIn as PluginHostRole[] | undefined) ?? DEFAULT_ROLES[kind],
  };
}

function names(value: unknown, field: string, problems: string[]): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string' && entry.length > 0))
    return value as string[];
  problems.push(`grit.${field}: expected a list of names`);
  return [];
}

function invalid(where: string, problems: readonly string[]): GritError {
  return new GritError('GRIT_PLUGIN_MANIFEST_INVALID', `${where}: ${problems.join('; ')}`, {
    details: { file: where, problems },
  });
}
