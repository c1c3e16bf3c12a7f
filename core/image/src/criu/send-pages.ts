// SPDX-License-Identifier: Apache-2.0
import type { PageSink } from '@grit/plugin-api';
import { fileChanged, openLocal } from '../io/open-local.js';
import type { PagesFile } from './pages-files.js';
import { sendRuns } from './send-runs.js';

/**
 * Sends a pages file into a sink as a dump would, so that it is cut by address. Memory: that of the sink. Errors: those of the sink;
 * GRIT_IMAGE_PART_MISSING; GRIT_IMAGE_PART_CORRUPT for a file that changes meanwhile.
 */
export async function sendPages(sink: PageSink, { part, runs }: PagesFile, signal: AbortSignal): Promise<void> {
  await using file = await openLocal(part.path);
  const before = await file.stat({ bigint: true });
  const fill = async (target: Uint8Array, offset: number): Promise<void> => {
    for (let filled = 0; filled < target.length;) {
      const { bytesRead } = await file.read(target, filled, target.length - filled, offset + filled);
      if (bytesRead === 0) throw fileChanged(part.path, 'became shorter while it was stored');
      filled += bytesRead;
    }
  };
  await sendRuns(sink, { name: part.name, runs, fill }, signal);
  const after = await file.stat({ bigint: true });
  if (after.size !== before.size || after.mtimeNs !== before.mtimeNs) {
    throw fileChanged(part.path, 'changed while it was stored');
  }
}
