// SPDX-License-Identifier: Apache-2.0
import type { JobQueue } from '@grit/plugin-api';
import type { LogLevel } from '../config/grit-config.js';
import { loadConfig, type LoadedConfig } from '../config/load-config.js';
import type { StatePaths } from './state-paths.js';

/** What a server or an agent is started with. */
export interface EngineOptions {
  /** Of the server: everything of the platform. Of an agent: everything of its node. Absolute. */
  readonly stateDirectory: string;
  /** The first is the base, the others are laid over it; none: $GRIT_CONFIG, ./grit.yaml, or the built-in one. */
  readonly configPaths?: readonly string[] | undefined;
  /** Name of the node; default: the configuration's. */
  readonly node?: string | undefined;
  /** Gets the log lines; default: stderr. */
  readonly writeLog?: ((line: string) => void) | undefined;
  /** Overrides the configuration's. */
  readonly logLevel?: LogLevel | undefined;
  /** Instead of Redis; whoever gives it closes it. For tests in one process. */
  readonly queue?: JobQueue | undefined;
}

/** The configuration of a platform, the same for its server and its agents. */
export function loadPlatformConfig(options: EngineOptions, platform: StatePaths): Promise<LoadedConfig> {
  const [path, ...overlays] = options.configPaths ?? [];
  return loadConfig({ path, overlays, env: process.env, cwd: process.cwd(), stateDirectory: platform.root });
}
