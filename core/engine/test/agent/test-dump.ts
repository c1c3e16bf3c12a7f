// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Packer, loadPacked, type KnownChunks, type PackedImage } from '@grit/image';
import { PAGE_BYTES, type ImageStorageWriter, type PageSink, type PartSource } from '@grit/plugin-api';
import { DumpSink, type Packing } from '../../src/agent/dump-sink.js';
import { never } from '../catalog/test-catalog.js';

/** The directory of a dump, with packs beside it, and what a driver does in it. */
export class TestDump {
  readonly root = mkdtempSync(join(tmpdir(), 'grit-dump-'));
  readonly directory = join(this.root, 'dump');
  readonly packs = join(this.root, 'packs');
  known: KnownChunks | undefined;
  /** Packers that were begun. */
  begun = 0;
  aborted = false;

  async open(): Promise<DumpSink> {
    await mkdir(join(this.directory, 'image'), { recursive: true });
    await mkdir(this.packs, { recursive: true });
    return DumpSink.open(this.directory, () => this.#begin());
  }

  /** Writes a file as a driver does. */
  async file(name: string, content: string): Promise<PartSource> {
    const path = join(this.directory, 'image', name);
    await writeFile(path, content.repeat(10_000));
    return { name, kind: 'runtime', path };
  }

  /** Sends pages as a driver does, as one part. */
  async send(sink: DumpSink, name: string, content: string, pages = 3): Promise<void> {
    const target = await sink.openPages(never);
    const stream = target.open(name);
    for (let page = 0; page < pages; page += 1) {
      const room = await roomOf(target);
      stream.write(
        0x10000 + page * PAGE_BYTES,
        room.fill(`${content} ${page} `, 0, PAGE_BYTES).subarray(0, PAGE_BYTES),
      );
    }
    stream.end();
  }

  async packed(): Promise<PackedImage> {
    const packed = await loadPacked(this.directory);
    if (packed === undefined) throw new Error('nothing is packed');
    return packed;
  }

  /** What lies in the directory of the packs. */
  left(): Promise<string[]> {
    return readdir(this.packs);
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  async #begin(): Promise<Packing> {
    this.begun += 1;
    const { known } = this;
    const packer = await Packer.open({ directory: this.packs, known, signal: never });
    return { packer, place: { directory: this.packs, writer: this.#writer() } };
  }

  /** All that a sink does with a writer is to abort it. */
  #writer(): ImageStorageWriter {
    const unused = (): never => {
      throw new Error('a sink puts nothing');
    };
    return { put: unused, commit: unused, abort: async () => void (this.aborted = true) };
  }
}

async function roomOf(target: PageSink): Promise<Buffer> {
  for (;;) {
    const room = target.room();
    if (room !== undefined) return Buffer.from(room.buffer, room.byteOffset, room.length);
    await target.ready(never);
  }
}
