// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec } from '../arguments/command-spec.js';
import { STORAGE_OPTION } from '../arguments/shared-options.js';
import { usageError } from '../arguments/usage-error.js';
import { EXIT_INTERRUPTED } from '../exit-codes.js';
import { IMAGE_ACTIONS, type ImageAction } from '../image/image-actions.js';
import { openImages } from '../image/open-images.js';
import { onInterrupt } from '../operations/interrupts.js';
import { ByteProgress } from '../output/byte-progress.js';
import { isForPrograms } from '../output/print-document.js';

/** `grit image`. */
export const command: CommandSpec = {
  name: 'image',
  summary: 'work with the images of a store directly, without the server: it need not run',
  arguments: [
    { name: 'ACTION', required: true, choices: Object.keys(IMAGE_ACTIONS) },
    { name: 'CHECKPOINT', required: false, completes: 'checkpoints' },
    { name: 'OTHER', required: false, completes: 'files' },
  ],
  options: [
    STORAGE_OPTION,
    { name: 'fast', summary: 'verify: only what costs little, not every byte' },
    { name: 'id', value: 'ID', summary: 'import: id of the new image (default: the one that it was exported as)' },
    { name: 'workload', value: 'NAME', summary: 'import: name of the workload, for a directory that does not say it' },
  ],
  examples: [
    'grit image list',
    'grit image inspect CHECKPOINT -o json',
    'grit image diff CHECKPOINT CHECKPOINT',
    'grit image verify CHECKPOINT --fast',
    'grit image export CHECKPOINT DIRECTORY',
    'grit image import DIRECTORY --id ID',
  ],
  async run(invocation, context) {
    const [name = '', ...names] = invocation.positionals;
    const action = IMAGE_ACTIONS[name as keyof typeof IMAGE_ACTIONS];
    checkNames(name, action, names);
    const abort = new AbortController();
    const ignore = onInterrupt((count) => {
      if (count === 1) abort.abort();
      else process.exit(EXIT_INTERRUPTED);
    });
    const progress = new ByteProgress(context.terminal, isForPrograms(context.format));
    try {
      await using store = await openImages(invocation, context, abort.signal);
      return await action.run({
        store: store.images,
        names,
        invocation,
        context,
        options: { signal: abort.signal, onProgress: progress.update },
        done: () => progress.end(),
      });
    } catch (error) {
      progress.end();
      if (!abort.signal.aborted) throw error;
      context.terminal.error(`Interrupted${name === 'export' ? '; the same command goes on with it' : ''}.\n`);
      return EXIT_INTERRUPTED;
    } finally {
      ignore();
    }
  },
};

function checkNames(name: string, { takes }: ImageAction, names: readonly string[]): void {
  if (names.length === takes.length) return;
  const extra = names[takes.length];
  if (extra !== undefined) throw usageError(`"${extra}" is one argument too many`, 'image');
  throw usageError(`grit image ${name} needs ${takes.join(' and ')}`, 'image');
}
