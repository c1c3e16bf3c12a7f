// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  PAGE_BYTES,
  checkPartName,
  type ImageSink,
  type PageSink,
  type PageStream,
  type PartSource,
} from '@grit/plugin-api';

const ROOM_BYTES = 256 * 1024;
/** Each so-many-eth time there is no room: a driver has to be able to wait. */
const NO_ROOM_EVERY = 7;

/**
 * A sink that puts pages into files, beside the directory that the driver works in, and holds the driver to its contract.
 * Pages that were flushed are there again for a second sink with the same directory.
 */
export class FileImageSink implements ImageSink, PageSink {
  /** What was added. */
  readonly files: PartSource[] = [];
  readonly #pages: PartSource[] = [];
  readonly #pagesDirectory: string;
  #room = new Uint8Array(ROOM_BYTES);
  #asked = 0;

  constructor(readonly directory: string) {
    this.#pagesDirectory = `${directory}.pages`;
  }

  /** All parts, sorted by name. Their files are where the parts are. */
  async parts(): Promise<readonly PartSource[]> {
    const kept = existsSync(this.#list) ? (JSON.parse(await readFile(this.#list, 'utf8')) as PartSource[]) : [];
    const parts = [...this.files, ...kept];
    return parts.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  add(part: PartSource): void {
    checkPartName(part.name);
    assert.ok(existsSync(part.path), `part ${part.name} was added before it is there`);
    this.files.push(part);
  }

  async openPages(): Promise<PageSink> {
    await rm(this.#pagesDirectory, { recursive: true, force: true });
    await mkdir(this.#pagesDirectory, { recursive: true });
    return this;
  }

  async flush(): Promise<void> {
    await mkdir(this.#pagesDirectory, { recursive: true });
    await writeFile(this.#list, JSON.stringify(this.#pages));
  }

  room(): Uint8Array | undefined {
    // New memory each time: what is told too late is seen.
    this.#room = new Uint8Array(ROOM_BYTES);
    return ++this.#asked % NO_ROOM_EVERY === 0 ? undefined : this.#room;
  }

  async ready(signal: AbortSignal): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }

  open(name: string): PageStream {
    checkPartName(name);
    const path = join(this.#pagesDirectory, name);
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'wx', 0o600);
    let size = 0;
    return {
      write: (address, pages) => {
        assert.equal(pages.buffer, this.#room.buffer, `${name}: pages outside the room`);
        assert.equal(address % PAGE_BYTES, 0, `${name}: address ${address}`);
        assert.ok(pages.length > 0 && pages.length % PAGE_BYTES === 0, `${name}: ${pages.length} bytes`);
        size += writeSync(file, pages);
      },
      end: () => {
        closeSync(file);
        this.#pages.push({ name, kind: 'memory', path });
        return size;
      },
    };
  }

  get #list(): string {
    return join(this.#pagesDirectory, 'parts.json');
  }
}
