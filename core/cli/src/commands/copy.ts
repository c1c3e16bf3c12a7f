// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { usageError } from '../arguments/usage-error.js';
import { withStores } from '../image/with-stores.js';
import { formatBytes } from '../output/format-bytes.js';
import { formatDuration } from '../output/format-time.js';
import { printDocument } from '../output/print-document.js';

/** `grit copy`. */
export const command: CommandSpec = {
  name: 'copy',
  summary:
    'copy a checkpoint to another storage as it is stored, and verify it there; what the target has already is not sent',
  arguments: [{ name: 'CHECKPOINT', required: true, completes: 'checkpoints' }],
  options: [
    { name: 'from', value: 'STORAGE', summary: 'storage of the configuration (default: its defaults.storage)' },
    { name: 'to', value: 'STORAGE', summary: 'storage of the configuration' },
  ],
  examples: ['grit copy CHECKPOINT --to bucket', 'grit copy CHECKPOINT --from bucket --to store'],
  async run(invocation, context) {
    const to = invocation.text('to');
    if (to === undefined) throw usageError('grit copy needs --to STORAGE', 'copy');
    const id = invocation.positional(0);
    return await withStores(
      context,
      [invocation.text('from'), to],
      async ({ stores: [from, target], options, done }) => {
        if (from === undefined || target === undefined || from.name === target.name) {
          throw usageError(`--to: "${to}" is the storage that is copied from`, 'copy');
        }
        const began = performance.now();
        const copied = await from.copyTo(target, id, options);
        const ms = performance.now() - began;
        done();
        const { terminal, format } = context;
        if (printDocument(terminal, format, { ...copied, from: from.name, to: target.name, ms })) return 0;
        const { size, stored, sent, known } = copied;
        const what = `${formatBytes(size)}, ${formatBytes(stored)} stored, of which ${formatBytes(sent)} were sent`;
        terminal.out(
          known
            ? `${id} is in storage ${target.name} already; every byte was verified there.\n`
            : `Copied ${id} from ${from.name} to ${target.name}, every byte verified there:\n${what}.\n`,
        );
        terminal.out(`took:  ${formatDuration(ms)}\n`);
        return 0;
      },
      'Interrupted; the same command goes on with it.',
    );
  },
};
