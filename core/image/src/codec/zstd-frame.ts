// SPDX-License-Identifier: Apache-2.0

const MAGIC = 0xfd2fb528;
// Of the frame header's descriptor byte.
const SINGLE_SEGMENT = 0x20;
const CHECKSUM = 0x04;
const RESERVED_OR_DICTIONARY = 0x0b;

/**
 * Throws unless the bytes are exactly one zstd frame as we write them, of that many bytes of content: a single segment, so that
 * unpacking needs no window; no dictionary; nothing behind it. Does not unpack anything.
 */
export function checkZstdFrame(frame: Uint8Array, content: number): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  // The shortest: magic, descriptor, size of one byte, one empty block.
  if (frame.length < 9 || view.getUint32(0, true) !== MAGIC) throw new Error('not a zstd frame');
  const descriptor = view.getUint8(4);
  if ((descriptor & SINGLE_SEGMENT) === 0 || (descriptor & RESERVED_OR_DICTIONARY) !== 0) {
    throw new Error('a zstd frame of another kind');
  }
  const sizeBytes = 1 << (descriptor >>> 6);
  if (contentSize(view, sizeBytes) !== content) throw new Error('a zstd frame of another size');
  let at = 5 + sizeBytes;
  for (let last = false; !last;) {
    if (at + 3 > frame.length) throw new Error('a zstd frame that ends early');
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    last = (header & 1) === 1;
    // A block of type 1 is one byte that is repeated.
    at += 3 + (((header >>> 1) & 3) === 1 ? 1 : header >>> 3);
  }
  if ((descriptor & CHECKSUM) !== 0) at += 4;
  if (at !== frame.length) throw new Error('a zstd frame of another length');
}

function contentSize(view: DataView, sizeBytes: number): number {
  if (sizeBytes === 1) return view.getUint8(5);
  if (sizeBytes === 2) return view.getUint16(5, true) + 256;
  if (sizeBytes === 4) return view.getUint32(5, true);
  return Number(view.getBigUint64(5, true));
}
