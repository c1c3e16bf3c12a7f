// SPDX-License-Identifier: Apache-2.0
import { configSchema, type ConfigValues } from '@grit/plugin-api';

/** The options of the plugin in grit.yaml. */
export const CONFIG = configSchema({
  root: {
    type: 'string',
    description: "Where this process sees the node's /sys, /dev, /proc, /boot and /usr: an absolute path.",
    default: '/',
  },
  criuPluginDirectory: {
    type: 'string',
    description: "The directory of CRIU's plugins, below `root`; default: the places where distributions put it.",
    optional: true,
  },
});

/** The options, filled in. */
export type AmdConfig = ConfigValues<(typeof CONFIG)['options']>;
