// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { CommandSpec } from '../arguments/command-spec.js';
import { containerRef } from '../arguments/container-ref.js';
import type { CommandContext } from '../command-context.js';
import { printDocument } from '../output/print-document.js';
import { describeCheckpoint } from '../records/describe-checkpoint.js';
import { describeNode } from '../records/describe-node.js';
import { describeOperation } from '../records/describe-operation.js';
import { describeWorkload } from '../records/describe-workload.js';
import { recordKindOf } from '../records/record-kinds.js';

/** `grit describe`. */
export const command: CommandSpec = {
  name: 'describe',
  summary: 'show everything about a workload, checkpoint, operation or node',
  arguments: [
    { name: 'KIND', required: true, choices: ['workload', 'checkpoint', 'operation', 'node'] },
    { name: 'NAME', required: true },
  ],
  options: [],
  examples: ['grit describe workload train', 'grit describe operation OPERATION'],
  async run(invocation, context) {
    const name = invocation.positional(1);
    const { session, terminal } = context;
    const { signal } = new AbortController();
    switch (recordKindOf(invocation.positional(0))) {
      case 'workload': {
        const record = await session.call((api) => api.getWorkload(containerRef(name).name, signal));
        return show(context, record, describeWorkload);
      }
      case 'checkpoint': {
        const record = await session.call((api) => api.getCheckpoint(name, signal));
        return show(context, record, describeCheckpoint);
      }
      case 'operation': {
        const record = await session.call((api) => api.get(name, signal));
        return show(context, record, (status) => describeOperation(status, terminal.columns));
      }
      case 'node': {
        const nodes = await session.call((api) => api.listNodes(signal));
        const record = nodes.find((node) => node.name === name);
        if (record === undefined) throw new GritError('GRIT_NODE_NOT_FOUND', `no node is called "${name}"`);
        return show(context, record, describeNode);
      }
    }
  },
};

function show<T>(context: CommandContext, record: T, describe: (record: T) => string): number {
  if (!printDocument(context.terminal, context.format, record)) context.terminal.out(describe(record));
  return 0;
}
