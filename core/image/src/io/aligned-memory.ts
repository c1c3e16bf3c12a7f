// SPDX-License-Identifier: Apache-2.0

// Node has it; its types come with the library of browsers only.
declare const WebAssembly: {
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer;
  };
};

const UNIT_BYTES = 64 * 1024;

/** What O_DIRECT wants addresses, offsets and lengths to be multiples of, on every disk that we know. */
export const DIRECT_BYTES = 4096;

/**
 * Memory whose address is a multiple of a page, as O_DIRECT needs it: nothing else in Node promises one. All zero at first. It cannot be
 * transferred to another thread, and takes gigabytes of address space (not of memory) for each call, so ask for it once and use it
 * again. Where address space is short it is any memory: DirectFile then goes through the page cache.
 */
export function alignedMemory(bytes: number): Buffer<ArrayBuffer> {
  const units = Math.ceil(bytes / UNIT_BYTES);
  try {
    return Buffer.from(new WebAssembly.Memory({ initial: units, maximum: units }).buffer, 0, bytes);
  } catch (error) {
    if (error instanceof RangeError) return Buffer.alloc(bytes);
    throw error;
  }
}

/** The next multiple of {@link DIRECT_BYTES}. */
export function alignedUp(bytes: number): number {
  return Math.ceil(bytes / DIRECT_BYTES) * DIRECT_BYTES;
}
