// SPDX-License-Identifier: Apache-2.0
import type { PageSink, PageStream } from '@grit/plugin-api';

/** Pages that lie one after the other in memory. */
export interface Run {
  readonly address: number;
  readonly pages: Buffer;
}

/**
 * Sends a run as a page server would: as much as there is room for at a time, with `gap` bytes of headers before each piece of at
 * most `piece` bytes.
 */
export async function sendRun(
  sink: PageSink,
  stream: PageStream,
  { address, pages }: Run,
  { piece = 1024 * 1024, gap = 0, signal = new AbortController().signal } = {},
): Promise<void> {
  for (let done = 0; done < pages.length;) {
    const room = sink.room();
    if (room === undefined) {
      await sink.ready(signal);
      continue;
    }
    let at = 0;
    while (done < pages.length && at + gap + 4096 <= room.length) {
      const left = room.length - at - gap;
      const bytes = Math.min(piece, pages.length - done, left - (left % 4096));
      at += gap;
      const target = room.subarray(at, at + bytes);
      target.set(pages.subarray(done, done + bytes));
      stream.write(address + done, target);
      at += bytes;
      done += bytes;
    }
  }
}
