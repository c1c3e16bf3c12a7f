// SPDX-License-Identifier: Apache-2.0
import { PAGE_BYTES, type PageSink } from '@grit/plugin-api';
import { fileChanged, openLocal } from '../io/open-local.js';
import { throwIfAborted } from '../stream/until-aborted.js';
import type { PagesFile } from './pages-files.js';

/**
 * Sends a pages file into a sink as a dump would, so that it is cut by address. Memory: that of the sink. Errors: those of the sink;
 * GRIT_IMAGE_PART_MISSING; GRIT_IMAGE_PART_CORRUPT for a file that changes meanwhile.
 */
export async function sendPages(sink: PageSink, { part, runs }: PagesFile, signal: AbortSignal): Promise<void> {
  await using file = await openLocal(part.path);
  const before = await file.stat({ bigint: true });
  const stream = sink.open(part.name);
  let offset = 0;
  for (const run of runs) {
    for (let done = 0, left = run.pages * PAGE_BYTES; left > 0;) {
      throwIfAborted(signal);
      const room = sink.room();
      if (room === undefined) {
        await sink.ready(signal);
        continue;
      }
      const wanted = Math.min(left, room.length - (room.length % PAGE_BYTES));
      const bytes = await fill(file, room.subarray(0, wanted), offset);
      if (bytes < wanted) throw fileChanged(part.path, 'became shorter while it was stored');
      stream.write(run.address + done, room.subarray(0, wanted));
      done += wanted;
      offset += wanted;
      left -= wanted;
    }
  }
  stream.end();
  const after = await file.stat({ bigint: true });
  if (after.size !== before.size || after.mtimeNs !== before.mtimeNs) {
    throw fileChanged(part.path, 'changed while it was stored');
  }
}

async function fill(
  file: Awaited<ReturnType<typeof openLocal>>,
  target: Uint8Array,
  position: number,
): Promise<number> {
  for (let filled = 0; filled < target.length;) {
    const { bytesRead } = await file.read(target, filled, target.length - filled, position + filled);
    if (bytesRead === 0) return filled;
    filled += bytesRead;
  }
  return target.length;
}
