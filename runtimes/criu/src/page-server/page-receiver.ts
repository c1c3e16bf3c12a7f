// SPDX-License-Identifier: Apache-2.0
import { PAGE_BYTES, type PageSink, type PageStream } from '@grit/plugin-api';
import { readCommand, unexpected, type HeaderLayout, type PageCommand, type PageTarget } from './protocol.js';

/** A room with less left than this is given up for a new one: many small reads cost more than the memory. */
export const SMALLEST_SPACE = 16 * 1024;

/** A part that came as pages. */
export interface StreamedPart {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** Where a receiver puts what is not pages. */
export interface ReceiverEnds {
  /** Opens the pagemap of a target whose pages go into `criu/pages-<pagesId>.img`. */
  readonly openPagemap: (
    target: PageTarget,
    pagesId: number,
  ) => { add(address: number, pages: number, flags: number): void };
  /** Sends bytes back to CRIU. */
  readonly answer: (bytes: Uint8Array) => void;
  /** CRIU says goodbye and waits for its last answer. */
  readonly closed: () => void;
}

/**
 * Takes CRIU's stream apart, wherever the reads cut it. The bytes are received straight into the sink's memory ({@link space}); a
 * command or a page whose end has not come yet is carried over where the room ends there, so pages are told of whole.
 */
export class PageReceiver {
  readonly parts: StreamedPart[] = [];
  #room: Uint8Array | undefined;
  /** In the room: bytes received, and how many of them are done with. */
  #filled = 0;
  #done = 0;
  #carried: Uint8Array = new Uint8Array();
  #run = { address: 0, left: 0 };
  #part:
    { readonly key: bigint; readonly name: string; readonly stream: PageStream; readonly pagemap: Pagemap } | undefined;
  readonly #known = new Set<bigint>();
  #closed = false;
  #bytes = 0;

  constructor(
    private readonly sink: PageSink,
    private readonly layout: HeaderLayout,
    private readonly ends: ReceiverEnds,
  ) {}

  /** Bytes of pages so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True when CRIU has said goodbye: nothing may follow. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Memory for the next bytes, at least {@link SMALLEST_SPACE}; undefined while the sink has none. Errors as {@link received}. */
  space(): Uint8Array | undefined {
    if (this.#closed) throw unexpected('something after its goodbye');
    const room = this.#room;
    if (room !== undefined && room.length - this.#filled >= SMALLEST_SPACE) return room.subarray(this.#filled);
    if (room !== undefined) {
      this.#carried = Uint8Array.from(room.subarray(this.#done, this.#filled));
      this.#room = undefined;
    }
    const next = this.sink.room();
    if (next === undefined) return undefined;
    next.set(this.#carried);
    this.#room = next;
    this.#done = 0;
    this.#filled = this.#carried.length;
    return next.subarray(this.#filled);
  }

  /** Says that so many bytes have come into what {@link space} gave. Errors: those of the sink; GRIT_DUMP_FAILED for what is no dump. */
  received(count: number): void {
    this.#filled += count;
    while (this.#run.left > 0 ? this.#takePages() : this.#takeCommand());
  }

  #takePages(): boolean {
    const there = this.#filled - this.#done;
    const whole = Math.min(this.#run.left, there - (there % PAGE_BYTES));
    if (whole === 0 || this.#room === undefined) return false;
    this.#part?.stream.write(this.#run.address, this.#room.subarray(this.#done, this.#done + whole));
    this.#run = { address: this.#run.address + whole, left: this.#run.left - whole };
    this.#done += whole;
    this.#bytes += whole;
    return true;
  }

  #takeCommand(): boolean {
    const there = this.#filled - this.#done;
    if (this.#closed && there > 0) throw unexpected('something after its goodbye');
    if (there < this.layout.bytes || this.#room === undefined) return false;
    const command = readCommand(this.#room, this.#done, this.layout);
    this.#done += this.layout.bytes;
    this.#obey(command);
    return true;
  }

  #obey(command: PageCommand): void {
    switch (command.kind) {
      case 'open':
        this.#open(command.target);
        // No parent.
        if (command.answered) this.ends.answer(Uint8Array.of(0));
        break;
      case 'parent':
        this.ends.answer(new Uint8Array(4));
        break;
      case 'add':
        if (this.#part?.key !== command.key) throw unexpected(`pages for ${command.key}, which is not open`);
        this.#part.pagemap.add(command.address, command.pages, command.flags);
        this.#run = { address: command.address, left: command.pages * PAGE_BYTES };
        break;
      case 'close':
        this.#endPart();
        this.#closed = true;
        this.ends.closed();
        break;
    }
  }

  #open(target: PageTarget): void {
    this.#endPart();
    if (this.#known.has(target.key)) throw unexpected(`${target.file} a second time`);
    this.#known.add(target.key);
    const pagesId = this.#known.size;
    const name = `criu/pages-${pagesId}.img`;
    const stream = this.sink.open(name);
    this.#part = { key: target.key, name, stream, pagemap: this.ends.openPagemap(target, pagesId) };
  }

  #endPart(): void {
    if (this.#part === undefined) return;
    this.parts.push({ name: this.#part.name, size: this.#part.stream.end() });
    this.#part = undefined;
  }
}

type Pagemap = ReturnType<ReceiverEnds['openPagemap']>;
