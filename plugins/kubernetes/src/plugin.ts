// SPDX-License-Identifier: Apache-2.0
import { coreServices, definePlugin } from '@grit/plugin-api';
import { CONFIG } from './config.js';
import { ControlPlane } from './control-plane.js';

/** Makes the cluster the catalog: resources, admission, controllers. */
export default definePlugin({
  config: CONFIG,
  deps: { logger: coreServices.logger, queue: coreServices.queue },
  create: async ({ config, deps, signal }) => {
    const plane = new ControlPlane(config, deps.queue, deps.logger);
    await plane.start(signal);
    return { stop: (deadline) => plane.stop(deadline) };
  },
});
