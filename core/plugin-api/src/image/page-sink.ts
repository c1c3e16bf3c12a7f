// SPDX-License-Identifier: Apache-2.0

/** Bytes of a page of memory. */
export const PAGE_BYTES = 4096;

/**
 * Takes pages of memory with their addresses while a dump goes on, with no file between. One connection feeds it: its calls are made
 * one after the other, never at the same time.
 *
 * Pages are received straight into memory of the sink: ask for `room`, receive into it, tell with {@link PageStream.write} which of
 * the received bytes are pages; what is between them (the headers of a protocol) is left out. Every byte received must be told of
 * before `room` is asked for again.
 */
export interface PageSink {
  /** Memory to receive into, at least 64 KiB; undefined while all of it is in work: wait for {@link PageSink.ready}. */
  room(): Uint8Array | undefined;
  /** Resolves when there is room again. Throws what went wrong behind the sink, as soon as it has: GRIT_STORAGE_FULL and the like. */
  ready(signal: AbortSignal): Promise<void>;
  /** Begins a part: its bytes are the pages in the order of their writing. Throws GRIT_IMAGE_MANIFEST_INVALID for a doubled name. */
  open(name: string): PageStream;
}

/** One part that consists of pages: what CRIU would write into `pages-1.img`. */
export interface PageStream {
  /**
   * Adds pages that lie one after the other from the address on. `pages` is a view into the memory that `room` gave last.
   * @param address - of the first page, in bytes: a multiple of {@link PAGE_BYTES}
   */
  write(address: number, pages: Uint8Array): void;
  /** Ends the part. Returns its bytes. */
  end(): number;
}
