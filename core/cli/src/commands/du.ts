// SPDX-License-Identifier: Apache-2.0
import type { ImageUsage } from '@grit/core';
import type { CommandSpec } from '../arguments/command-spec.js';
import { STORAGE_OPTION } from '../arguments/shared-options.js';
import { onlyStore, withStores } from '../image/with-stores.js';
import { formatBytes } from '../output/format-bytes.js';
import { formatAge } from '../output/format-time.js';
import { printDocument } from '../output/print-document.js';
import { formatTable, type Column } from '../output/table.js';

/** `grit du`. */
export const command: CommandSpec = {
  name: 'du',
  summary: 'show the room that checkpoints take in a storage, without the server: it need not run',
  arguments: [],
  options: [STORAGE_OPTION],
  examples: ['grit du', 'grit du --storage bucket -o json'],
  async run(invocation, context) {
    return await withStores(context, [invocation.text('storage')], async (call) => {
      const store = onlyStore(call);
      const usage = await store.usage(call.options.signal);
      const { terminal, format } = context;
      if (printDocument(terminal, format, { storage: store.name, ...usage })) return 0;
      if (usage.images.length === 0) {
        terminal.error(`No images in storage ${store.name}.\n`);
        return 0;
      }
      const total: ImageUsage = { id: 'total', committedAt: NaN, ...usage.total };
      const wide = format === 'wide';
      const shown = columns(Date.now()).filter((column) => wide || column.wide !== true);
      terminal.out(formatTable([...usage.images, total], shown, wide ? Infinity : terminal.columns));
      return 0;
    });
  },
};

function columns(now: number): readonly Column<ImageUsage>[] {
  return [
    { title: 'ID', value: ({ id }) => id },
    { title: 'WORKLOAD', value: ({ workload, error }) => workload ?? error?.code ?? '', shrinks: true },
    {
      title: 'LOGICAL',
      value: ({ logical }) => (logical === undefined ? '-' : formatBytes(logical)),
      align: 'right',
    },
    { title: 'STORED', value: ({ stored }) => formatBytes(stored), align: 'right' },
    { title: 'SHARED', value: ({ shared }) => formatBytes(shared), align: 'right' },
    { title: 'ALONE', value: ({ alone }) => formatBytes(alone), align: 'right' },
    {
      title: 'AGE',
      value: ({ committedAt }) => (Number.isNaN(committedAt) ? '' : formatAge(committedAt, now)),
      align: 'right',
    },
    { title: 'PROBLEM', value: ({ error }) => error?.message ?? '-', wide: true },
  ];
}
