// SPDX-License-Identifier: Apache-2.0
import { coreServices, definePlugin } from '@grit/plugin-api';
import { CONFIG } from './config.js';
import { ControlPlane } from './control-plane.js';
import { NodeSide } from './node-side.js';

/** Makes the cluster the catalog: resources, admission and controllers in the server, what they order of a node in its agent. */
export default definePlugin({
  config: CONFIG,
  deps: {
    logger: coreServices.logger,
    queue: coreServices.queue,
    host: coreServices.host,
    steps: coreServices.nodeSteps,
  },
  create: async ({ config, deps, signal }) => {
    if (deps.host.role === 'agent') {
      const node = new NodeSide(config, deps);
      node.start();
      return { stop: (deadline) => node.stop(deadline) };
    }
    const plane = new ControlPlane(config, deps.queue, deps.logger);
    await plane.start(signal);
    return { stop: (deadline) => plane.stop(deadline) };
  },
});
