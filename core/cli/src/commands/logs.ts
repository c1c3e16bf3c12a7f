// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { containerRef } from '../arguments/container-ref.js';
import { followLog } from '../logs/follow-log.js';
import { printLog } from '../logs/print-log.js';

/** `grit logs`. */
export const command: CommandSpec = {
  name: 'logs',
  summary: 'print what a workload wrote to stdout and stderr',
  arguments: [{ name: 'NAME', required: true, completes: 'workloads' }],
  options: [{ name: 'follow', short: 'f', summary: 'go on until it ends, also when it moves to another node' }],
  examples: ['grit logs train', 'grit logs -f train'],
  async run(invocation, context) {
    const { name } = containerRef(invocation.positional(0));
    if (invocation.has('follow')) await followLog(context, name);
    else await printLog(context, name);
    return 0;
  },
};
