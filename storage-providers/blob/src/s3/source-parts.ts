// SPDX-License-Identifier: Apache-2.0
import type { UploadSource } from '../object-store.js';
import { partsAtOnce, sourcePartSize, streamPartSize } from './part-sizes.js';
import type { Part } from './upload-parts.js';

/** The parts of something that can be had again: nothing of it is kept in memory. */
export async function* partsOfSource(source: UploadSource, largest: number): AsyncGenerator<Part, void> {
  const size = Math.min(largest, sourcePartSize(source.size));
  for (let number = 1, start = 0; start < source.size; number++, start += size) {
    const from = start;
    const read: UploadSource['read'] = (range, signal) =>
      source.read({ start: from + range.start, end: from + range.end }, signal);
    yield { number, payload: { size: Math.min(size, source.size - from), read } };
  }
}

/** The parts of a stream, each gathered in memory that is used again when it has arrived. */
export class StreamParts {
  readonly #data: AsyncIterator<Uint8Array>;
  readonly #first: number;
  #free: Uint8Array[] = [];
  /** What came and did not fit into the last part. */
  #rest: Uint8Array = new Uint8Array();
  #ended = false;
  #begun: Uint8Array | undefined;
  #size: number;

  /** `first`: bytes of the first parts. */
  constructor(data: AsyncIterable<Uint8Array>, first: number) {
    this.#data = data[Symbol.asyncIterator]();
    this.#first = first;
    this.#size = first;
  }

  /** How many parts of the present size may be on their way. */
  atOnce(): number {
    return partsAtOnce(this.#size);
  }

  /** The whole stream where it fits into one part; undefined: `all` has it. */
  async onlyOne(): Promise<Uint8Array | undefined> {
    this.#begun = await this.#gather(streamPartSize(1, this.#first));
    // A part that is full may be the last; one byte more tells.
    if (!this.#ended && this.#rest.length === 0) await this.#pull();
    return this.#ended && this.#rest.length === 0 ? this.#begun : undefined;
  }

  /** Closes the stream when it is left early. */
  async *all(): AsyncGenerator<Part, void> {
    try {
      for (let number = 1; ; number++) {
        this.#size = streamPartSize(number, this.#first);
        const bytes = this.#begun ?? (await this.#gather(this.#size));
        this.#begun = undefined;
        if (bytes.length === 0) return;
        yield { number, payload: bytes, done: () => void this.#free.push(bytes) };
      }
    } finally {
      if (!this.#ended) await this.#data.return?.();
    }
  }

  async #gather(size: number): Promise<Uint8Array> {
    const used = this.#free.pop();
    // Parts grow: what is too small for them is let go.
    const memory =
      used !== undefined && used.buffer.byteLength >= size ? new Uint8Array(used.buffer, 0, size) : fresh(size);
    let filled = 0;
    while (filled < size) {
      if (this.#rest.length === 0) await this.#pull();
      if (this.#rest.length === 0) break;
      const piece = this.#rest.subarray(0, size - filled);
      memory.set(piece, filled);
      filled += piece.length;
      this.#rest = this.#rest.subarray(piece.length);
    }
    return memory.subarray(0, filled);
  }

  /** The next bytes, or the end. */
  async #pull(): Promise<void> {
    while (!this.#ended && this.#rest.length === 0) {
      const next = await this.#data.next();
      if (next.done === true) this.#ended = true;
      else this.#rest = next.value;
    }
  }
}

function fresh(size: number): Uint8Array {
  return Buffer.allocUnsafeSlow(size);
}
