// SPDX-License-Identifier: Apache-2.0
import { GritError, PAGE_BYTES, type PageSink, type PageStream } from '@grit/plugin-api';
import { orAborted, throwIfAborted } from '../stream/until-aborted.js';
import type { PartRows } from './part-rows.js';
import { SlabPages, type CarriedPages } from './slab-pages.js';
import type { SlabPool } from './slab-pool.js';

/** The least room that is given out; what is less at the end of a slab stays unused. */
const LEAST_ROOM = 64 * 1024;

/** What a sink needs of its packer. */
export interface SinkOwner {
  readonly slabs: SlabPool;
  /** Begins a part. Throws GRIT_IMAGE_MANIFEST_INVALID. */
  beginPart(name: string): PartRows;
  /** Has a slab packed. */
  send(slab: SlabPages): void;
}

/** Takes pages into slabs. The part that is being written goes on in the next slab as if there were no end between. */
export class PackingSink implements PageSink {
  #slab: SlabPages | undefined;
  #carried: CarriedPages | undefined;
  /** The part that was written last. */
  #current: PartRows | undefined;

  constructor(readonly owner: SinkOwner) {}

  room(): Uint8Array | undefined {
    const slab = this.#slab;
    if (slab !== undefined && hasRoom(slab)) return slab.bytes.subarray(slab.used);
    this.#seal(true);
    const next = this.#take();
    return next?.bytes.subarray(next.used);
  }

  async ready(signal: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    const { slabs } = this.owner;
    if (this.#slab !== undefined && hasRoom(this.#slab)) slabs.check();
    else await orAborted(slabs.ready(), signal);
  }

  open(name: string): PageStream {
    const part = this.owner.beginPart(name);
    let ended = false;
    return {
      write: (address, pages) => {
        if (ended) throw new GritError('GRIT_INTERNAL', `part ${name} has ended`);
        this.#write(part, address, pages);
      },
      end: () => {
        ended = true;
        return part.size;
      },
    };
  }

  /** Sends what is there, for the end of the packing. */
  async flush(): Promise<void> {
    this.#seal(false);
    if (this.#carried === undefined) return;
    while (this.#take() === undefined) await this.owner.slabs.ready();
    this.#seal(false);
  }

  #write(part: PartRows, address: number, pages: Uint8Array): void {
    const slab = this.#slab;
    if (slab === undefined || pages.buffer !== slab.bytes.buffer) {
      throw new GritError('GRIT_INTERNAL', 'pages must lie in the room that was given last');
    }
    if (address % PAGE_BYTES !== 0 || pages.length % PAGE_BYTES !== 0) {
      throw new GritError('GRIT_INTERNAL', `${pages.length} bytes at ${address} are not whole pages`);
    }
    if (pages.length === 0) return;
    slab.add(part, address, pages.byteOffset, pages.length);
    part.size += pages.length;
    this.#current = part;
  }

  #take(): SlabPages | undefined {
    const memory = this.owner.slabs.take();
    if (memory === undefined) return undefined;
    this.#slab = new SlabPages(memory);
    if (this.#carried !== undefined) this.#slab.put(this.#carried);
    this.#carried = undefined;
    return this.#slab;
  }

  #seal(goesOn: boolean): void {
    const slab = this.#slab;
    if (slab === undefined) return;
    if (goesOn && this.#current !== undefined) this.#carried = slab.cutTail(this.#current);
    this.#slab = undefined;
    this.owner.send(slab);
  }
}

function hasRoom({ bytes, used }: SlabPages): boolean {
  return bytes.length - used >= LEAST_ROOM;
}
