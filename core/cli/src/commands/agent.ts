// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import type { CommandSpec } from '../arguments/command-spec.js';
import { loadEngine } from '../platform/load-engine.js';
import { socketPath } from '../platform/state-directory.js';

/** `grit agent`. */
export const command: CommandSpec = {
  name: 'agent',
  summary: 'run the agent of a node in the foreground',
  arguments: [],
  options: [
    { name: 'node', value: 'NAME', summary: 'name of the node' },
    {
      name: 'server',
      value: 'SOCKET',
      completes: 'files',
      summary: "the server's socket (default: run/server.sock in the state directory)",
    },
  ],
  examples: ['grit agent --node b --state-dir /tmp/b --server ~/.local/state/grit/run/server.sock'],
  async run(invocation, { stateDirectory, configPaths, workingDirectory }) {
    const { runAgent } = await loadEngine();
    const server = invocation.text('server');
    await runAgent({
      stateDirectory,
      configPaths,
      node: invocation.text('node'),
      server: server === undefined ? socketPath(stateDirectory) : resolve(workingDirectory, server),
    });
    return 0;
  },
};
