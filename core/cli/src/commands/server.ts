// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { agentCommandLine } from '../platform/agent-command-line.js';
import { reportToStarter } from '../platform/report-to-starter.js';

/** `grit server`. */
export const command: CommandSpec = {
  name: 'server',
  summary: 'run the server in the foreground (other commands start one by themselves)',
  arguments: [],
  options: [{ name: 'node', value: 'NAME', summary: 'name of the node whose agent the server starts' }],
  examples: ['grit server', 'grit server --config grit.yaml --state-dir /var/lib/grit'],
  async run(invocation, { stateDirectory, configPaths }) {
    await reportToStarter(async () => {
      const { runServer } = await import('@grit/core');
      const node = invocation.text('node');
      const agentCommand = agentCommandLine({ stateDirectory, configPaths, node });
      await runServer({ stateDirectory, configPaths, node, agentCommand });
    });
    return 0;
  },
};
