// SPDX-License-Identifier: Apache-2.0
export type { GritConfig, LogLevel, PluginEntry, RedisConnection } from './config/grit-config.js';
export { loadConfig, type LoadConfigOptions, type LoadedConfig } from './config/load-config.js';
export { JsonLogger, type JsonLoggerOptions } from './container/json-logger.js';
export { openLogFile, type LogFile } from './container/log-file.js';
export { GRIT_VERSION } from './host/grit-version.js';
export { PluginHost, type PluginHostOptions } from './host/plugin-host.js';
export { validateConfigWithoutStarting, type ValidatedConfig } from './host/validate-config.js';
