// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { usageError } from '../arguments/usage-error.js';
import { noteCopy, type NotedCopy } from '../image/note-copy.js';
import { withStores } from '../image/with-stores.js';
import { formatBytes } from '../output/format-bytes.js';
import { formatDuration } from '../output/format-time.js';
import { isForPrograms, printDocument } from '../output/print-document.js';

/** `grit copy`. */
export const command: CommandSpec = {
  name: 'copy',
  summary:
    'copy a checkpoint to another storage, and verify it there; what the target has already is not sent, and `grit restore` takes it from there when the first storage fails',
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
        const { terminal, format } = context;
        const onWorkDirectory = (path: string, bytes: number): void => {
          if (isForPrograms(format)) return;
          terminal.error(
            `One storage encrypts and the other does not: ${id} is packed anew.\nUntil then ${path} takes up to ${formatBytes(bytes)}.\n`,
          );
        };
        const began = performance.now();
        const copied = await from.copyTo(target, id, { ...options, onWorkDirectory });
        const ms = performance.now() - began;
        done();
        const catalog = await noteCopy(context, target.name, copied, options.signal);
        if (printDocument(terminal, format, { ...copied, from: from.name, to: target.name, ms, catalog })) return 0;
        const { size, stored, sent, known, digest, sourceDigest } = copied;
        const what = `${formatBytes(size)}, ${formatBytes(stored)} stored, of which ${formatBytes(sent)} were sent`;
        terminal.out(
          known
            ? `${id} is in storage ${target.name} already; every byte was verified there.\n`
            : `Copied ${id} from ${from.name} to ${target.name}, every byte verified there:\n${what}.\n`,
        );
        if (digest !== sourceDigest) terminal.out(`It is packed anew there; its digest is\n${digest}.\n`);
        terminal.out(`${NOTED[catalog]}\ntook:  ${formatDuration(ms)}\n`);
        return 0;
      },
      'Interrupted; the same command goes on with it.',
    );
  },
};

const NOTED: Readonly<Record<NotedCopy, string>> = {
  noted: 'Restores take it from there when its first storage fails.',
  unknown: 'No checkpoint of the catalog: restores do not find it there.',
  'no server': 'No server runs: the same command, once one does, tells it of the copy.',
};
