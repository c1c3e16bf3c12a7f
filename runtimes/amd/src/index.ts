// SPDX-License-Identifier: Apache-2.0
/**
 * A runtime that says what a node with AMD GPUs has and lacks, and refuses everything else: GRIT cannot checkpoint them yet.
 *
 * @packageDocumentation
 */
import { definePlugin, pluginServices, provide } from '@grit/plugin-api';
import { CONFIG } from './config.js';
import { AmdRuntimeDriver } from './driver/amd-runtime-driver.js';

export default definePlugin({
  config: CONFIG,
  deps: {},
  create: async ({ config }) => {
    const driver = new AmdRuntimeDriver(config);
    return Promise.resolve({ services: [provide(pluginServices.runtimeDriver, driver)] });
  },
});
