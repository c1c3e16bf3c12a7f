// SPDX-License-Identifier: Apache-2.0
import { PAGE_BYTES } from '@grit/plugin-api';

/** What CRIU sends, for tests that have to send something else. */
export class CriuStream {
  constructor(readonly wide: boolean) {}

  command(word: number, pages = 0n, address = 0n, key = 0n): Buffer {
    const header = Buffer.alloc(this.wide ? 32 : 24, 0);
    header.writeUInt32LE(word, 0);
    if (this.wide) header.writeBigUInt64LE(pages, 8);
    else header.writeUInt32LE(Number(pages), 4);
    header.writeBigUInt64LE(address, header.length - 16);
    header.writeBigUInt64LE(key, header.length - 8);
    return header;
  }

  /** Of a process (type 1) or shared memory (type 2). */
  open(id: number, type = 1): Buffer {
    return this.command(4, 0n, 0n, keyOf(id, type));
  }

  /** A run of pages, present; each page is filled with its number in the address space. */
  pages(id: number, first: number, count: number, type = 1): Buffer {
    const header = this.command(6 | (4 << 16), BigInt(count), BigInt(first) * BigInt(PAGE_BYTES), keyOf(id, type));
    const pages = Array.from({ length: count }, (_none, index) => Buffer.alloc(PAGE_BYTES, `${first + index};`));
    return Buffer.concat([header, ...pages]);
  }

  goodbye(): Buffer {
    return this.command(0x1023);
  }
}

export function keyOf(id: number, type = 1): bigint {
  return (BigInt(id) << 8n) | BigInt(type);
}
