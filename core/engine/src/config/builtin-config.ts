// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import type { JsonObject } from '@grit/plugin-api';

/** What a configuration file is laid over: one machine, nothing to configure. */
export function builtinConfig(stateDirectory: string): JsonObject {
  return {
    catalog: { path: join(stateDirectory, 'catalog.db') },
    plugins: {
      'runtime-criu': { use: '@grit/runtime-criu' },
      store: { use: '@grit/storage-pvc', config: { path: join(stateDirectory, 'store') } },
    },
  };
}

/** The plugins that are there when no file says anything. */
export const BUILTIN_PLUGINS: readonly string[] = ['runtime-criu', 'store'];
