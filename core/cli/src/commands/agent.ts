// SPDX-License-Identifier: Apache-2.0
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { CommandSpec } from '../arguments/command-spec.js';
import type { CommandContext } from '../command-context.js';
import { probeSocket } from '../platform/probe-socket.js';
import { resolveStateDirectory, socketPath } from '../platform/state-directory.js';

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
      summary: "the server's socket (default: run/server.sock in the state directory, else in the usual one)",
    },
    {
      name: 'no-server',
      summary: 'have no server: the node takes its orders through plugins, as those of a cluster do',
    },
  ],
  examples: [
    'grit agent --node b --state-dir /var/lib/grit-b',
    'grit agent --no-server --node worker-1 --config /etc/grit/grit.yaml',
  ],
  async run(invocation, context) {
    const { stateDirectory, configPaths, terminal } = context;
    const { runAgent } = await import('@grit/core');
    const server = invocation.has('no-server') ? undefined : findServer(invocation.text('server'), context);
    if (server !== undefined && !(await probeSocket(server))) {
      terminal.error(`No server answers on ${server} yet; waiting for it. \`grit get nodes\` starts one.\n`);
    }
    await runAgent({ stateDirectory, configPaths, node: invocation.text('node'), server });
    return 0;
  },
};

/** An agent with a state directory of its own belongs to the server of the usual one. */
function findServer(given: string | undefined, context: CommandContext): string {
  if (given !== undefined) return resolve(context.workingDirectory, given);
  const own = socketPath(context.stateDirectory);
  if (existsSync(own)) return own;
  return socketPath(resolveStateDirectory(undefined, context.environment, context.workingDirectory));
}
