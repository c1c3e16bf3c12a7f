// SPDX-License-Identifier: Apache-2.0
import { open, type FileHandle } from 'node:fs/promises';

const IMAGE_MAGIC = 0x54564319;
const PAGEMAP_MAGIC = 0x56084025;
/** Entries are short and there can be millions: they are written in pieces of this size. */
const PIECE_BYTES = 64 * 1024;
/** The longest entry: length, and four numbers with their tags. */
const ENTRY_BYTES = 40;

/** A pagemap as CRIU itself writes it beside its other images: which pages of a process lie where in its pages file. */
export class PagemapFile {
  #piece: Buffer = Buffer.allocUnsafe(PIECE_BYTES);
  #used = 0;
  readonly #file: Promise<FileHandle>;
  #written: Promise<unknown>;
  #ended: Promise<void> | undefined;

  /**
   * @param pagesId - the number in the name of the pages file
   * @param wide - the entry has the number of pages in 64 bits, as from CRIU 4.2 on
   */
  constructor(
    path: string,
    pagesId: number,
    private readonly wide: boolean,
  ) {
    this.#file = open(path, 'wx', 0o600);
    this.#written = this.#file;
    this.#written.catch(() => undefined);
    this.#used = this.#piece.writeUInt32LE(IMAGE_MAGIC, this.#used);
    this.#used = this.#piece.writeUInt32LE(PAGEMAP_MAGIC, this.#used);
    this.#message(() => this.#field(1, pagesId));
  }

  /** Adds a run of pages; `flags` are those of CRIU. */
  add(address: number, pages: number, flags: number): void {
    if (this.#used + ENTRY_BYTES > PIECE_BYTES) this.#flush();
    this.#message(() => {
      this.#field(1, address);
      // Older CRIUs have the number here; newer ones require the field and leave it 0.
      this.#field(2, this.wide ? 0 : pages);
      this.#field(4, flags);
      if (this.wide) this.#field(5, pages);
    });
  }

  /** Writes what is left and closes the file. Throws what went wrong with it at any time. */
  async end(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    this.#flush();
    try {
      await this.#written;
    } finally {
      await (await this.#file.catch(() => undefined))?.close();
    }
  }

  #flush(): void {
    const bytes = this.#piece.subarray(0, this.#used);
    this.#written = this.#written.then(async () => (await this.#file).writeFile(bytes));
    this.#written.catch(() => undefined);
    this.#piece = Buffer.allocUnsafe(PIECE_BYTES);
    this.#used = 0;
  }

  #message(fields: () => void): void {
    const start = this.#used;
    this.#used += 4;
    fields();
    this.#piece.writeUInt32LE(this.#used - start - 4, start);
  }

  #field(number: number, value: number): void {
    this.#piece[this.#used++] = number << 3;
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#piece[this.#used++] = (rest % 128) | 128;
    this.#piece[this.#used++] = rest;
  }
}
