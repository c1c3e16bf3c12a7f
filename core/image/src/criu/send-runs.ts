// SPDX-License-Identifier: Apache-2.0
import { PAGE_BYTES, type PageSink } from '@grit/plugin-api';
import { throwIfAborted } from '../stream/until-aborted.js';
import type { PageRun } from './parse-pagemap.js';

/** The pages of one part, in the order of their addresses. */
export interface SentRuns {
  readonly name: string;
  readonly runs: readonly PageRun[];
  /** Fills all of the memory with what comes next, beginning at the offset in the part. */
  readonly fill: (target: Uint8Array, offset: number) => Promise<void>;
}

/** Sends pages into a sink as a dump would, so that they are cut by address. Memory: that of the sink. Errors: those of sink and `fill`. */
export async function sendRuns(sink: PageSink, { name, runs, fill }: SentRuns, signal: AbortSignal): Promise<void> {
  const stream = sink.open(name);
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
      await fill(room.subarray(0, wanted), offset);
      stream.write(run.address + done, room.subarray(0, wanted));
      done += wanted;
      offset += wanted;
      left -= wanted;
    }
  }
  stream.end();
}
