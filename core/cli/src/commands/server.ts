// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { agentCommandLine } from '../platform/agent-command-line.js';
import { reportToStarter } from '../platform/report-to-starter.js';

/** `grit server`. */
export const command: CommandSpec = {
  name: 'server',
  summary: 'run the server in the foreground (other commands start one by themselves)',
  arguments: [],
  options: [
    { name: 'node', value: 'NAME', summary: 'name of the node whose agent the server starts' },
    { name: 'no-agent', summary: 'start no agent, as for a server in a cluster, whose nodes have agents of their own' },
  ],
  examples: [
    'grit server',
    'grit server --config grit.yaml --state-dir /var/lib/grit',
    'grit server --no-agent --config /etc/grit/grit.yaml',
  ],
  async run(invocation, { stateDirectory, configPaths }) {
    await reportToStarter(async () => {
      const { runServer } = await import('@grit/core');
      const node = invocation.text('node');
      const agentCommand = invocation.has('no-agent')
        ? undefined
        : agentCommandLine({ stateDirectory, configPaths, node });
      await runServer({ stateDirectory, configPaths, node, agentCommand });
    });
    return 0;
  },
};
