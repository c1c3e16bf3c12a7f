// SPDX-License-Identifier: Apache-2.0
import type { JobQueue, Logger, OperationCoordinator } from '@grit/plugin-api';
import type { AgentApi } from '../api/agent-api.js';
import type { PlatformApi } from '../api/platform-api.js';
import type { Catalog } from '../catalog/catalog.js';
import type { LoadedConfig } from '../config/load-config.js';
import type { PluginHost } from '../host/plugin-host.js';
import { createToken } from './token.js';

/** The components that server and agent are made of. */
export const TOKENS = {
  config: createToken<LoadedConfig>('Config'),
  logger: createToken<Logger>('Logger'),
  catalog: createToken<Catalog>('Catalog'),
  jobQueue: createToken<JobQueue>('JobQueue'),
  pluginHost: createToken<PluginHost>('PluginHost'),
  coordinator: createToken<OperationCoordinator>('Coordinator'),
  platformApi: createToken<PlatformApi>('PlatformApi'),
  agentApi: createToken<AgentApi>('AgentApi'),
};
