// SPDX-License-Identifier: Apache-2.0
import type { RekeyedImage } from '@grit/core';
import type { CommandSpec } from '../arguments/command-spec.js';
import { STORAGE_OPTION } from '../arguments/shared-options.js';
import { EXIT_INTERRUPTED, exitCodeOf } from '../exit-codes.js';
import { openImages } from '../image/open-images.js';
import { onInterrupt } from '../operations/interrupts.js';
import type { Column } from '../output/table.js';
import { printList } from '../records/print-list.js';

/** `grit rekey`. */
export const command: CommandSpec = {
  name: 'rekey',
  summary: 'give the current key of a storage to its images, after a rotation; no data are written again',
  arguments: [{ name: 'CHECKPOINT', required: false, completes: 'checkpoints', repeatable: true }],
  options: [STORAGE_OPTION],
  examples: ['grit rekey', 'grit rekey --storage bucket -o json', 'grit rekey CHECKPOINT CHECKPOINT'],
  async run(invocation, context) {
    const abort = new AbortController();
    const ignore = onInterrupt((count) => {
      if (count === 1) abort.abort();
      else process.exit(EXIT_INTERRUPTED);
    });
    try {
      const { positionals } = invocation;
      await using store = await openImages(invocation, context, abort.signal);
      const checkpoints = positionals.length === 0 ? undefined : positionals;
      const images = await store.images.rekey({ signal: abort.signal, checkpoints });
      printList(context, images, COLUMNS, `No images in storage ${store.images.name}.`);
      const failed = images.find(({ error }) => error !== undefined)?.error;
      return failed === undefined ? 0 : exitCodeOf(failed);
    } catch (error) {
      if (!abort.signal.aborted) throw error;
      context.terminal.error('Interrupted; the same command goes on with it.\n');
      return EXIT_INTERRUPTED;
    } finally {
      ignore();
    }
  },
};

const COLUMNS: readonly Column<RekeyedImage>[] = [
  { title: 'ID', value: ({ checkpoint }) => checkpoint },
  { title: 'FROM', value: ({ from }) => from ?? '-' },
  { title: 'TO', value: ({ to }) => to ?? '-' },
  { title: 'RESULT', value: resultOf, shrinks: true },
];

function resultOf({ from, to, error }: RekeyedImage): string {
  if (error !== undefined) return `${error.code}: ${error.message}`;
  if (from === undefined) return 'not encrypted';
  return from === to ? 'has it already' : 'done';
}
