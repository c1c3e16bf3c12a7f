// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import { configSchema, coreServices, definePlugin, pluginServices, provide } from '@grit/plugin-api';
import { FileDrop } from './file-drop.js';

export default definePlugin({
  config: configSchema({
    directory: { type: 'string', description: 'Watched for *.request.json; made when it is missing.' },
    rescanMs: {
      type: 'number',
      default: 1000,
      description: 'How often it is read when nothing was noticed; for file systems that report no changes.',
    },
  }),
  deps: { logger: coreServices.logger },
  create: ({ name, config, deps }) => ({
    services: [
      provide(
        pluginServices.trigger,
        new FileDrop({
          name,
          directory: resolve(config.directory),
          rescanMs: config.rescanMs,
          logger: deps.logger,
        }),
      ),
    ],
  }),
});
