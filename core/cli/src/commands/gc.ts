// SPDX-License-Identifier: Apache-2.0
import type { ImageStore } from '@grit/core';
import { isGritError, type Collected, type CollectOptions, type Garbage } from '@grit/plugin-api';
import type { CommandSpec } from '../arguments/command-spec.js';
import { parseDuration } from '../arguments/parse-duration.js';
import { STORAGE_OPTION } from '../arguments/shared-options.js';
import type { CommandContext } from '../command-context.js';
import { exitCodeOf } from '../exit-codes.js';
import { formatGc, type GcReport } from '../gc/gc-table.js';
import { planDeletes } from '../gc/plan-deletes.js';
import { onlyStore, withStores } from '../image/with-stores.js';
import { follow } from '../operations/run-operation.js';
import { printDocument } from '../output/print-document.js';

/** `grit gc`. */
export const command: CommandSpec = {
  name: 'gc',
  summary:
    'delete the checkpoints that the policy of a storage does not keep, then what no image needs any more; the server does the same now and then',
  arguments: [],
  options: [
    STORAGE_OPTION,
    { name: 'dry-run', summary: 'only show what would go, and why' },
    {
      name: 'grace',
      value: 'TIME',
      summary: 'what was written to within this time stays (default: the policy of the storage, 1d)',
    },
  ],
  examples: ['grit gc --dry-run', 'grit gc --dry-run -o wide', 'grit gc --storage bucket --grace 6h'],
  async run(invocation, context) {
    const dryRun = invocation.has('dry-run');
    const grace = invocation.text('grace');
    return await withStores(
      context,
      [invocation.text('storage')],
      async (call) => {
        const store = onlyStore(call);
        const { signal } = call.options;
        const graceMs = grace === undefined ? store.retention.graceMs : parseDuration(grace, '--grace');
        const planned = await planDeletes(context, store, signal);
        const checkpoints: GcReport['checkpoints'] = dryRun
          ? planned
          : await deleted(context, store.name, planned, signal);
        const garbage: Garbage[] = [];
        const onGarbage = (one: Garbage): void => void garbage.push(one);
        const options = { signal, dryRun, onGarbage, ...(graceMs !== undefined && { graceMs }) };
        const collected = await collect(store, options);
        call.done();
        const report: GcReport = { storage: store.name, dryRun, checkpoints, garbage, collected };
        const { terminal, format } = context;
        if (!printDocument(terminal, format, report)) {
          const wide = format === 'wide';
          terminal.out(formatGc(report, wide ? Infinity : terminal.columns, wide));
        }
        const failed = checkpoints.find(({ error }) => error !== undefined)?.error;
        return failed === undefined ? 0 : exitCodeOf(failed);
      },
      'Interrupted; nothing is half done, the same command goes on with it.',
    );
  },
};

/** One after the other, as operations of the server, which may still refuse. */
async function deleted(
  context: CommandContext,
  storage: string,
  planned: Awaited<ReturnType<typeof planDeletes>>,
  signal: AbortSignal,
): Promise<GcReport['checkpoints']> {
  const results: GcReport['checkpoints'][number][] = [];
  for (const decision of planned) {
    if (decision.verdict === 'keep') {
      results.push(decision);
      continue;
    }
    signal.throwIfAborted();
    const { status } = await follow(context, { kind: 'delete', checkpoint: decision.id, storage });
    results.push({ ...decision, ...(status.error !== undefined && { error: status.error }) });
  }
  return results;
}

async function collect(store: ImageStore, options: CollectOptions): Promise<Collected | undefined> {
  try {
    return await store.collect(options);
  } catch (error) {
    if (isGritError(error) && error.code === 'GRIT_UNSUPPORTED') return undefined;
    throw error;
  }
}
