// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import type { ImageStore } from '@grit/core';
import type { ProgressListener } from '@grit/plugin-api';
import type { Invocation } from '../arguments/invocation.js';
import type { CommandContext } from '../command-context.js';
import { formatBytes } from '../output/format-bytes.js';
import { formatDuration } from '../output/format-time.js';
import { printDocument } from '../output/print-document.js';
import { printList } from '../records/print-list.js';
import { describeDiff, precopyOf } from './describe-diff.js';
import { describeImage } from './describe-image.js';
import { imageColumns } from './image-columns.js';

/** What an action works with. */
interface ImageCall {
  readonly store: ImageStore;
  /** As many as it takes. */
  readonly names: readonly string[];
  readonly invocation: Invocation;
  readonly context: CommandContext;
  readonly options: { readonly signal: AbortSignal; readonly onProgress: ProgressListener };
  /** Ends the progress, before the result is printed. */
  readonly done: () => void;
}

/** One thing that `grit image` does. */
export interface ImageAction {
  /** Its arguments, as the user is told of them. */
  readonly takes: readonly string[];
  run(call: ImageCall): Promise<number>;
}

/** By name. */
export const IMAGE_ACTIONS = {
  list: {
    takes: [],
    async run({ store, context, options }) {
      const images = await store.list(options.signal);
      printList(context, images, imageColumns(Date.now()), `No images in storage ${store.name}.`);
      return 0;
    },
  },
  inspect: {
    takes: ['a checkpoint'],
    async run({ store, names: [id = ''], context: { terminal, format }, options }) {
      const report = await store.inspect(id, options.signal);
      if (!printDocument(terminal, format, report)) {
        terminal.out(describeImage(report, terminal.columns, format === 'wide'));
      }
      return 0;
    },
  },
  diff: {
    takes: ['a checkpoint', 'a later one'],
    async run({ store, names: [from = '', to = ''], context: { terminal, format }, options }) {
      const diff = await store.diff(from, to, options.signal);
      const shown = { ...diff, precopyPays: precopyOf(diff) ?? null };
      if (!printDocument(terminal, format, shown)) terminal.out(describeDiff(diff, terminal.columns));
      return 0;
    },
  },
  verify: {
    takes: ['a checkpoint'],
    async run({ store, names: [id = ''], invocation, context: { terminal, format }, options, done }) {
      const fast = invocation.has('fast');
      const began = performance.now();
      const verified = await store.verify(id, { ...options, fast });
      const ms = performance.now() - began;
      done();
      if (printDocument(terminal, format, { ...verified, fast, ms })) return 0;
      const what = fast
        ? 'manifest, table and packs are whole; chunks were not read'
        : 'every byte is as it was stored';
      terminal.out(`${id}: ${formatParts(verified.parts, verified.size)}: ${what}.\n${took(verified.size, ms, fast)}`);
      return 0;
    },
  },
  export: {
    takes: ['a checkpoint', 'a directory'],
    async run({ store, names: [id = '', name = ''], context, options, done }) {
      const { terminal, format, workingDirectory } = context;
      const began = performance.now();
      const exported = await store.export(id, resolve(workingDirectory, name), options);
      const ms = performance.now() - began;
      done();
      if (printDocument(terminal, format, { ...exported, ms })) return 0;
      const { directory, parts, size } = exported;
      terminal.out(`Exported ${id} to ${directory}: ${formatParts(parts.length, size)}.\n${took(size, ms)}`);
      if (parts.some((part) => part.name.startsWith('criu/'))) {
        terminal.out(`\nnext: runc restore --image-path ${directory}/criu --bundle BUNDLE NAME\n`);
      }
      return 0;
    },
  },
  import: {
    takes: ['a directory'],
    async run({ store, names: [name = ''], invocation, context, options, done }) {
      const { terminal, format, workingDirectory } = context;
      const names = { id: invocation.text('id'), workload: invocation.text('workload') };
      const began = performance.now();
      const imported = await store.import(resolve(workingDirectory, name), { ...options, ...names });
      const ms = performance.now() - began;
      done();
      if (printDocument(terminal, format, { ...imported, ms })) return 0;
      const { checkpoint, size, bytes, known } = imported;
      const stored = `${formatBytes(size)}, of which ${formatBytes(bytes.stored)} were added to the store`;
      terminal.out(
        known
          ? `${checkpoint} is in storage ${store.name} already; nothing was stored.\n`
          : `Imported ${checkpoint}: ${stored}.\n${took(size, ms)}\nnext: grit image verify ${checkpoint}\n`,
      );
      return 0;
    },
  },
} as const satisfies Readonly<Record<string, ImageAction>>;

function formatParts(parts: number, size: number): string {
  return `${String(parts)} ${parts === 1 ? 'part' : 'parts'}, ${formatBytes(size)}`;
}

/** How long it took; of what was read in between, a rate. */
function took(size: number, ms: number, partly = false): string {
  const rate = partly ? '' : `, ${formatBytes((size / ms) * 1_000)}/s`;
  return `took:  ${formatDuration(ms)}${rate}\n`;
}
