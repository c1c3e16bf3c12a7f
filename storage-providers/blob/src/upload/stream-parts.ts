// SPDX-License-Identifier: Apache-2.0

/** A piece of a stream, in memory that is used again after `done`. */
export interface StreamPart {
  /** From 0 on. */
  readonly index: number;
  readonly bytes: Uint8Array;
  /** The stream has no other: it may be sent as a whole. */
  readonly only: boolean;
  done(): void;
}

/**
 * Cuts a stream into parts of `sizeOf(index)` bytes, the last one shorter; an empty stream has one empty part. The next part is collected
 * when it is asked for.
 */
export async function* streamParts(
  data: AsyncIterable<Uint8Array>,
  sizeOf: (index: number) => number,
): AsyncGenerator<StreamPart, void> {
  const free: Buffer[] = [];
  let index = 0;
  let memory = memoryOf(free, sizeOf(0));
  let filled = 0;
  const part = (only: boolean): StreamPart => {
    const used = memory;
    return { index: index++, bytes: used.subarray(0, filled), only, done: () => void free.push(used) };
  };
  for await (const bytes of data) {
    for (let at = 0; at < bytes.length;) {
      if (filled === memory.length) {
        yield part(false);
        memory = memoryOf(free, sizeOf(index));
        filled = 0;
      }
      const piece = bytes.subarray(at, at + memory.length - filled);
      memory.set(piece, filled);
      filled += piece.length;
      at += piece.length;
    }
  }
  yield part(index === 0);
}

function memoryOf(free: Buffer[], size: number): Buffer {
  const again = free.pop();
  return again?.length === size ? again : Buffer.allocUnsafeSlow(size);
}
