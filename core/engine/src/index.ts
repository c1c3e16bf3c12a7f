// SPDX-License-Identifier: Apache-2.0
export type { GritConfig, LogLevel, PluginEntry, RedisConnection } from './config/grit-config.js';
export { loadConfig, type LoadConfigOptions, type LoadedConfig } from './config/load-config.js';
export { JsonLogger, type JsonLoggerOptions } from './container/json-logger.js';
export { openLogFile, type LogFile } from './container/log-file.js';
export { GRIT_VERSION } from './host/grit-version.js';
export { PluginHost, type PluginHostOptions } from './host/plugin-host.js';
export { validateConfigWithoutStarting, type ValidatedConfig } from './host/validate-config.js';
export { AgentClient } from './api/client/agent-client.js';
export { PlatformClient, type PlatformClientOptions } from './api/client/platform-client.js';
export type { AgentApi, AgentHeartbeat, AgentRegistration } from './api/agent-api.js';
export type { PlatformApi, PluginReport, ServerStatus } from './api/platform-api.js';
export { parseOperationRequest } from './api/request/parse-operation-request.js';
export { serveApi, type ApiServer, type ServeApiOptions } from './api/serve-api.js';
export type { AuditEntry, Catalog, NodeRecord, OperationEnd, StepRecord, WorkloadRecord } from './catalog/catalog.js';
export { SqliteCatalog } from './catalog/sqlite-catalog.js';
