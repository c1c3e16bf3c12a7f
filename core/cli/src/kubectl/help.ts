// SPDX-License-Identifier: Apache-2.0
import { formatProgramHelp } from '../help.js';
import { KUBE_COMMAND_GROUPS } from './commands/registry.js';
import { EXIT_CODES_HELP } from './exit-codes.js';

/** `kubectl grit --help`. */
export function formatKubeHelp(width: number): string {
  return formatProgramHelp(
    {
      summary: 'Checkpoint and move the running pods of a cluster, and empty nodes without losing work.',
      usage: 'kubectl grit COMMAND [OPTIONS]',
      groups: KUBE_COMMAND_GROUPS,
      end: [
        'kubectl grit COMMAND --help shows the options of a command. To begin:',
        '  kubectl grit doctor',
        '  kubectl grit migrate train-0 --wait',
        '',
        ...EXIT_CODES_HELP,
      ],
    },
    width,
  );
}
