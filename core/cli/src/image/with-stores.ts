// SPDX-License-Identifier: Apache-2.0
import type { ImageStore } from '@grit/core';
import type { ProgressListener } from '@grit/plugin-api';
import type { CommandContext } from '../command-context.js';
import { EXIT_INTERRUPTED } from '../exit-codes.js';
import { onInterrupt } from '../operations/interrupts.js';
import { ByteProgress } from '../output/byte-progress.js';
import { isForPrograms } from '../output/print-document.js';
import { openStore } from './open-images.js';

/** What a command does with stores that are open. */
export interface StoreCall {
  /** In the order of their names. */
  readonly stores: readonly ImageStore[];
  readonly options: { readonly signal: AbortSignal; readonly onProgress: ProgressListener };
  /** Ends the progress, before the result is printed. */
  readonly done: () => void;
}

/**
 * Opens stores of the configuration (undefined: the default one) without the server, for one command. The first Ctrl-C ends it in
 * order, the second at once; `interrupted` is what the user is told then.
 */
export async function withStores(
  context: CommandContext,
  names: readonly (string | undefined)[],
  use: (call: StoreCall) => Promise<number>,
  interrupted = 'Interrupted.',
): Promise<number> {
  const abort = new AbortController();
  const ignore = onInterrupt((count) => {
    if (count === 1) abort.abort();
    else process.exit(EXIT_INTERRUPTED);
  });
  const progress = new ByteProgress(context.terminal, isForPrograms(context.format));
  const done = (): void => progress.end();
  const stores: ImageStore[] = [];
  try {
    for (const name of names) stores.push(await openStore(context, name, abort.signal));
    return await use({ stores, options: { signal: abort.signal, onProgress: progress.update }, done });
  } catch (error) {
    done();
    if (!abort.signal.aborted) throw error;
    context.terminal.error(`${interrupted}\n`);
    return EXIT_INTERRUPTED;
  } finally {
    for (const store of stores) await store.close();
    ignore();
  }
}

/** The one store, where one name was given. */
export function onlyStore({ stores: [store] }: Pick<StoreCall, 'stores'>): ImageStore {
  if (store === undefined) throw new Error('no store was opened');
  return store;
}
