// SPDX-License-Identifier: Apache-2.0
import type { RedisEndpoint } from '@grit/queue';
import type { GritConfig } from '../config/grit-config.js';
import type { StatePaths } from './state-paths.js';

/** Where the Redis of a platform is. */
export function queueEndpoint(config: GritConfig, platform: StatePaths): RedisEndpoint {
  return config.queue.redis === 'embedded' ? { path: platform.redisSocket } : config.queue.redis;
}
