// SPDX-License-Identifier: Apache-2.0
import { dirname, resolve } from 'node:path';
import type { GritError } from '@grit/plugin-api';
import { builtinConfig } from './builtin-config.js';
import { configError, type ConfigIssue, type ConfigPath } from './config-issue.js';
import { checkEncryption } from './encryption-config.js';
import type { GritConfig } from './grit-config.js';
import { mergeConfig } from './merge-config.js';
import { checkValue } from './schema/check-value.js';
import { GRIT_SCHEMA } from './schema/grit-schema.js';
import { Secrets } from './secrets.js';
import { ConfigSource } from './source/config-source.js';
import { findConfigFiles, type ConfigLookup } from './source/find-config-files.js';
import { readConfigFile } from './source/read-config-file.js';

/** What {@link loadConfig} needs to know. */
export interface LoadConfigOptions extends ConfigLookup {
  /** Absolute; what the built-in configuration puts below it. */
  readonly stateDirectory: string;
}

/** A configuration together with where it came from. */
export interface LoadedConfig {
  readonly config: GritConfig;
  /** Absolute, in the order in which they were laid over each other; none when the built-in one was enough. */
  readonly files: readonly string[];
  /** Where plugins are looked for first. */
  readonly directory: string;
  /** `grit.yaml:7:17`, or `built-in configuration`. */
  readonly locate: (path: ConfigPath, at?: ConfigIssue['at']) => string;
  /** False for what only the built-in configuration has. */
  readonly isFromFile: (path: ConfigPath) => boolean;
  /** One error for things that are found wrong later, with their places. */
  readonly error: (issues: readonly ConfigIssue[]) => GritError;
  /** The effective configuration without secrets. */
  readonly show: () => unknown;
  /** Any value or text without the secrets of this configuration. */
  readonly redact: <T>(value: T) => T;
}

/**
 * Reads the configuration: `path`, else $GRIT_CONFIG, else ./grit.yaml, laid over the built-in one, then the overlays.
 * Throws GRIT_CONFIG_NOT_FOUND, GRIT_SECRET_UNREADABLE, GRIT_CONFIG_INVALID with everything that is wrong.
 */
export async function loadConfig(options: LoadConfigOptions): Promise<LoadedConfig> {
  const files = findConfigFiles(options);
  const issues: ConfigIssue[] = [];
  const sources = await readSources(files, options, issues);
  const locate = locator(sources);
  if (issues.length > 0) throw configError(issues, locate);

  const builtin: unknown = builtinConfig(options.stateDirectory);
  const merged = sources.reduce((base, source) => mergeConfig(base, source.value), builtin);
  const checked = checkValue(merged, GRIT_SCHEMA, [], issues);
  const directory = dirname(files[0] ?? resolve(options.cwd, 'grit.yaml'));
  const secrets = new Secrets(options.env, directory);
  const config = (await secrets.resolve(checked, [], issues)) as GritConfig;
  checkDefaultStorage(config, issues);
  if (issues.length === 0) checkEncryption(config, issues);
  if (issues.length > 0) throw configError(issues, locate);
  return {
    config,
    files,
    directory,
    locate,
    isFromFile: (path) => sources.some((source) => source.find(path).depth === path.length),
    error: (found) =>
      configError(
        found.map((issue) => ({ ...issue, message: secrets.redactText(issue.message) })),
        locate,
      ),
    show: () => secrets.redact(config),
    redact: <T>(value: T) => secrets.redact(value) as T,
  };
}

async function readSources(
  files: readonly string[],
  options: LoadConfigOptions,
  issues: ConfigIssue[],
): Promise<readonly ConfigSource[]> {
  if (files.length === 0) return [];
  // Without a file its 10 MB of memory are not needed.
  const yaml = await import('yaml');
  const texts = await Promise.all(files.map(readConfigFile));
  return files.map((file, index) => ConfigSource.parse(yaml, file, texts[index] ?? '', options, issues));
}

/** The latest file that has most of the path. */
function locator(sources: readonly ConfigSource[]): LoadedConfig['locate'] {
  return (path, at) => {
    let best = { depth: 0, place: sources.at(-1)?.find([]).place ?? 'built-in configuration' };
    for (const source of sources) {
      const found = source.find(path, at);
      if (found.depth > 0 && found.depth >= best.depth) best = found;
    }
    return best.place;
  };
}

function checkDefaultStorage(config: GritConfig, issues: ConfigIssue[]): void {
  if (issues.length > 0 || Object.hasOwn(config.plugins, config.defaults.storage)) return;
  const names = Object.keys(config.plugins).join(', ');
  issues.push({
    path: ['defaults', 'storage'],
    message: `no plugin has the name "${config.defaults.storage}"; plugins are: ${names}`,
  });
}
