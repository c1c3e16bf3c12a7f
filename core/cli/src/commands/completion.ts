// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from '../completion/scripts.js';

/** `grit completion`. */
export const command: CommandSpec = {
  name: 'completion',
  summary: 'print the completion script of a shell',
  arguments: [{ name: 'SHELL', required: true, choices: SHELLS }],
  options: [],
  examples: ['source <(grit completion bash)', 'grit completion fish > ~/.config/fish/completions/grit.fish'],
  async run(invocation, { terminal }) {
    terminal.out(COMPLETION_SCRIPTS[invocation.positional(0) as Shell]);
    return 0;
  },
};
