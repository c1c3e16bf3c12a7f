// SPDX-License-Identifier: Apache-2.0
/**
 * Images in any mounted directory: a PersistentVolumeClaim in a cluster, a path on one machine.
 *
 * @packageDocumentation
 */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { GritError, configSchema, definePlugin, pluginServices, provide } from '@grit/plugin-api';
import { pvcFactory } from './pvc-factory.js';
import { PvcStorage } from './pvc-storage.js';

export { PvcStorage, type PvcStorageOptions } from './pvc-storage.js';

export default definePlugin({
  config: configSchema({
    path: { type: 'string', description: 'Directory of the store, absolute or below ~' },
    create: {
      type: 'boolean',
      description:
        'Make the directory a store when it is none; false: refuse it, so that a volume that is not mounted is noticed',
      default: true,
    },
  }),
  create: ({ config, name }) => {
    const path = config.path.replace(/^~(?=\/|$)/, homedir());
    if (!isAbsolute(path)) {
      throw new GritError('GRIT_CONFIG_INVALID', `plugins.${name}.config.path: ${config.path} is no absolute path`);
    }
    const storage = new PvcStorage({ path: join(path), create: config.create });
    return {
      services: [provide(pluginServices.storageProvider, storage), provide(pluginServices.storageFactory, pvcFactory)],
    };
  },
});
