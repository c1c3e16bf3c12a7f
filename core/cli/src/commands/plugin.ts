// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { PLUGIN_COLUMNS } from '../records/plugin-columns.js';
import { printList } from '../records/print-list.js';

/** `grit plugin`. */
export const command: CommandSpec = {
  name: 'plugin',
  summary: 'list the plugins of server and agents, with what they provide',
  arguments: [{ name: 'list', required: true, choices: ['list'] }],
  options: [],
  examples: ['grit plugin list', 'grit plugin list -o wide'],
  async run(_invocation, context) {
    const { signal } = new AbortController();
    const plugins = await context.session.callWithNode((api) => api.listPlugins(signal));
    printList(context, plugins, PLUGIN_COLUMNS, 'No plugins.');
    return 0;
  },
};
