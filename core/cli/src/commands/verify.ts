// SPDX-License-Identifier: Apache-2.0
import type { ImageStore } from '@grit/core';
import { toGritError, type SerializedGritError } from '@grit/plugin-api';
import type { CommandSpec } from '../arguments/command-spec.js';
import { STORAGE_OPTION } from '../arguments/shared-options.js';
import { exitCodeOf } from '../exit-codes.js';
import { onlyStore, withStores, type StoreCall } from '../image/with-stores.js';
import { formatBytes } from '../output/format-bytes.js';
import { printDocument } from '../output/print-document.js';
import { formatTable, type Column } from '../output/table.js';

/** What was found of one checkpoint. */
interface Verdict {
  readonly checkpoint: string;
  /** Bytes of all parts. */
  readonly size?: number | undefined;
  readonly error?: SerializedGritError | undefined;
}

const EXIT_DAMAGED = 7;

/** `grit verify`. */
export const command: CommandSpec = {
  name: 'verify',
  summary:
    'look for damage in checkpoints (default: all) of a storage, without the server; the first one that is damaged keeps none of the others from being looked at',
  arguments: [{ name: 'CHECKPOINT', required: false, repeatable: true, completes: 'checkpoints' }],
  options: [
    STORAGE_OPTION,
    { name: 'deep', summary: 'read every byte (default: manifests, tables, indexes and sizes only)' },
  ],
  examples: ['grit verify', 'grit verify CHECKPOINT --deep', 'grit verify --storage bucket --deep -o json'],
  async run(invocation, context) {
    const deep = invocation.has('deep');
    return await withStores(context, [invocation.text('storage')], async (call) => {
      const store = onlyStore(call);
      const ids = invocation.positionals.length > 0 ? invocation.positionals : await idsOf(store, call);
      const verdicts: Verdict[] = [];
      for (const id of ids) verdicts.push(await verdictOn(store, id, deep, call));
      call.done();
      const { terminal, format } = context;
      const bad = verdicts.filter(({ error }) => error !== undefined);
      if (!printDocument(terminal, format, { storage: store.name, deep, checkpoints: verdicts })) {
        if (verdicts.length > 0) terminal.out(formatTable(verdicts, COLUMNS, terminal.columns));
        else terminal.error(`No images in storage ${store.name}.\n`);
        if (bad.length > 0)
          terminal.error(`${String(bad.length)} of ${String(ids.length)} cannot be used as they are.\n`);
        else if (!deep && ids.length > 0) terminal.error('Chunks were not read; --deep reads every byte.\n');
      }
      const exits = bad.map(({ error }) => exitCodeOf(error));
      return exits.includes(EXIT_DAMAGED) ? EXIT_DAMAGED : (exits[0] ?? 0);
    });
  },
};

async function idsOf(store: ImageStore, { options }: StoreCall): Promise<string[]> {
  return (await store.list(options.signal)).map(({ id }) => id);
}

async function verdictOn(store: ImageStore, id: string, deep: boolean, { options }: StoreCall): Promise<Verdict> {
  try {
    const { size } = await store.verify(id, { ...options, fast: !deep });
    return { checkpoint: id, size };
  } catch (error) {
    if (options.signal.aborted) throw error;
    return { checkpoint: id, error: toGritError(error).toJSON() };
  }
}

const COLUMNS: readonly Column<Verdict>[] = [
  { title: 'ID', value: ({ checkpoint }) => checkpoint },
  { title: 'SIZE', value: ({ size }) => (size === undefined ? '-' : formatBytes(size)), align: 'right' },
  { title: 'RESULT', value: ({ error }) => error?.code ?? 'whole' },
  { title: 'PROBLEM', value: ({ error }) => error?.message ?? '', wraps: true },
];
