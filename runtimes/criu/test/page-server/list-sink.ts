// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { PAGE_BYTES, type PageSink, type PageStream } from '@grit/plugin-api';

/** Keeps what it is told, in memory. `hungry` says when there is no room. */
export class ListSink implements PageSink {
  readonly parts = new Map<string, Buffer>();
  /** One entry for each page: part and address. */
  readonly addresses: string[] = [];
  failure: Error | undefined;
  #room: Uint8Array | undefined;

  constructor(
    private readonly roomBytes: () => number,
    private readonly hungry: () => boolean = () => false,
  ) {}

  room(): Uint8Array | undefined {
    // What is told of an old room after this is wrong, and is seen to be so.
    this.#room?.fill(0xee);
    this.#room = this.hungry() ? undefined : new Uint8Array(this.roomBytes());
    return this.#room;
  }

  async ready(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failure !== undefined) throw this.failure;
  }

  open(name: string): PageStream {
    assert.ok(!this.parts.has(name), `${name} twice`);
    const chunks: Buffer[] = [];
    return {
      write: (address, pages) => {
        assert.equal(pages.buffer, this.#room?.buffer, 'pages outside the room');
        assert.equal(pages.length % PAGE_BYTES, 0);
        for (let at = 0; at < pages.length; at += PAGE_BYTES) this.addresses.push(`${name} ${address + at}`);
        chunks.push(Buffer.from(pages));
      },
      end: () => {
        const part = Buffer.concat(chunks);
        this.parts.set(name, part);
        return part.length;
      },
    };
  }
}
