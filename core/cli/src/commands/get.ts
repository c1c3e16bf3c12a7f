// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { checkpointColumns } from '../records/checkpoint-columns.js';
import { nodeColumns } from '../records/node-columns.js';
import { operationColumns } from '../records/operation-columns.js';
import { printList } from '../records/print-list.js';
import { RECORD_KINDS, recordKindOf } from '../records/record-kinds.js';
import { workloadColumns } from '../records/workload-columns.js';
import { usageError } from '../arguments/usage-error.js';

/** `grit get`. */
export const command: CommandSpec = {
  name: 'get',
  summary: 'list workloads, checkpoints, operations or nodes',
  arguments: [{ name: 'KIND', required: true, choices: RECORD_KINDS }],
  options: [
    {
      name: 'workload',
      value: 'NAME',
      completes: 'workloads',
      summary: 'only the checkpoints or operations of this one',
    },
    { name: 'limit', value: 'N', summary: 'at most so many operations, newest first (default: 50)' },
  ],
  examples: ['grit get workloads', 'grit get checkpoints --workload train', 'grit get operations -o wide'],
  async run(invocation, context) {
    const { session } = context;
    const { signal } = new AbortController();
    const workload = invocation.text('workload');
    const now = Date.now();
    switch (recordKindOf(invocation.positional(0))) {
      case 'workload': {
        const records = await session.call((api) => api.listWorkloads(signal));
        printList(context, records, workloadColumns(now), 'No workloads. Start one: grit run --name NAME -- COMMAND');
        break;
      }
      case 'checkpoint': {
        const records = await session.call((api) => api.listCheckpoints({ workload }, signal));
        printList(context, records, checkpointColumns(now), 'No checkpoints. Make one: grit checkpoint NAME');
        break;
      }
      case 'operation': {
        const limit = parseLimit(invocation.text('limit') ?? '50');
        const records = await session.call((api) => api.listOperations({ workload, limit }, signal));
        printList(context, records, operationColumns(now), 'No operations yet.');
        break;
      }
      case 'node': {
        const records = await session.callWithNode((api) => api.listNodes(signal));
        printList(context, records, nodeColumns(now), 'No nodes. Add one: grit agent --node NAME');
        break;
      }
    }
    return 0;
  },
};

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw usageError(`--limit: "${text}" is not a number of operations`, 'get');
}
