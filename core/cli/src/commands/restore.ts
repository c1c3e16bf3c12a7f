// SPDX-License-Identifier: Apache-2.0
import { isGritError, type TcpPolicy } from '@grit/plugin-api';
import type { CommandSpec } from '../arguments/command-spec.js';
import { SUBMIT_OPTIONS, TCP_OPTION } from '../arguments/shared-options.js';
import { containerRef } from '../arguments/container-ref.js';
import { usageError } from '../arguments/usage-error.js';
import type { CommandContext } from '../command-context.js';
import { runOperation } from '../operations/run-operation.js';

/** `grit restore`. */
export const command: CommandSpec = {
  name: 'restore',
  summary: 'bring a workload back from a checkpoint',
  arguments: [{ name: 'CHECKPOINT', required: false, completes: 'checkpoints' }],
  options: [
    { name: 'workload', value: 'NAME', completes: 'workloads', summary: 'its latest checkpoint that is Ready' },
    { name: 'node', value: 'NODE', completes: 'nodes', summary: 'where to (default: where it was checkpointed)' },
    { name: 'storage', value: 'NAME', summary: 'take it from there only (default: the first place that has it whole)' },
    TCP_OPTION,
    ...SUBMIT_OPTIONS,
  ],
  examples: [
    'grit restore --workload train',
    'grit restore CHECKPOINT --node b',
    'grit restore CHECKPOINT --storage bucket',
  ],
  async run(invocation, context) {
    const workload = invocation.text('workload');
    const given = invocation.positionals[0];
    if ((workload === undefined) === (given === undefined)) {
      throw usageError('grit restore needs a checkpoint or --workload NAME, and not both', 'restore');
    }
    return await runOperation(invocation, context, {
      kind: 'restore',
      ...(workload === undefined ? await findSource(context, given ?? '') : { workload: containerRef(workload) }),
      node: invocation.text('node'),
      storage: invocation.text('storage'),
      tcp: invocation.text('tcp') as TcpPolicy | undefined,
    });
  },
};

/** The argument is the id of a checkpoint or, for short, the name of a workload that has some. */
async function findSource(context: CommandContext, given: string) {
  const { signal } = new AbortController();
  try {
    await context.session.call((api) => api.getCheckpoint(given, signal));
    return { checkpoint: given };
  } catch (error) {
    if (!isGritError(error) || error.code !== 'GRIT_CHECKPOINT_NOT_FOUND') throw error;
    const found = await context.session.call((api) => api.listCheckpoints({ workload: given }, signal));
    if (found.length === 0) throw error;
    return { workload: containerRef(given) };
  }
}
