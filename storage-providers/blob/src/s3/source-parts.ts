// SPDX-License-Identifier: Apache-2.0
import type { UploadSource } from '../object-store.js';
import type { StreamPart } from '../upload/stream-parts.js';
import { sourcePartSize } from './part-sizes.js';
import type { Part } from './upload-parts.js';

/** The parts of something that can be had again: nothing of it is kept in memory. */
export function* partsOfSource(source: UploadSource, largest: number): Generator<Part, void> {
  const size = Math.min(largest, sourcePartSize(source.size));
  for (let number = 1, start = 0; start < source.size; number++, start += size) {
    const from = start;
    const read: UploadSource['read'] = (range, signal) =>
      source.read({ start: from + range.start, end: from + range.end }, signal);
    yield { number, payload: { size: Math.min(size, source.size - from), read } };
  }
}

/** The parts of a stream whose first was asked for already. Closes the stream when it is left early. */
export async function* partsOfStream(
  first: StreamPart,
  others: AsyncGenerator<StreamPart, void>,
): AsyncGenerator<Part, void> {
  const partOf = (part: StreamPart): Part => ({ number: part.index + 1, payload: part.bytes, done: () => part.done() });
  try {
    yield partOf(first);
    for await (const part of others) yield partOf(part);
  } finally {
    await others.return();
  }
}
