// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PAGE_BYTES, type PageSink, type ProgressListener, type WorkloadSpec } from '@grit/plugin-api';

const CHUNK_BYTES = 64 * 1024;

/** Where the memory of a simulated process begins: an address like those of a heap. */
const FIRST_ADDRESS = 0x5555_5555_6000;

/** What of a process is in an image. */
export interface MemoryState {
  readonly spec: WorkloadSpec;
  readonly beats: number;
}

/** The memory of a process: whole pages of bytes that follow from its state. */
export interface MemoryPages {
  readonly state: MemoryState;
  /** Bytes; rounded up to whole pages. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly onProgress?: ProgressListener | undefined;
}

/** Writes them into a file. Returns their digest. */
export async function writePagesFile(path: string, pages: MemoryPages): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await using file = await open(path, 'w');
  return await eachChunk(pages, async (chunk) => {
    await file.write(chunk);
  });
}

/** Sends them into a sink for pages. Returns their digest. */
export async function sendPages(name: string, sink: PageSink, pages: MemoryPages): Promise<string> {
  const stream = sink.open(name);
  const digest = await eachChunk(pages, async (chunk, at) => {
    let room = sink.room();
    while (room === undefined) {
      await sink.ready(pages.signal);
      room = sink.room();
    }
    room.set(chunk);
    stream.write(FIRST_ADDRESS + at, room.subarray(0, chunk.length));
  });
  stream.end();
  return digest;
}

async function eachChunk(
  { state, bytes, signal, onProgress }: MemoryPages,
  use: (chunk: Buffer, at: number) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256');
  const totalBytes = Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
  for (let doneBytes = 0; doneBytes < totalBytes;) {
    signal.throwIfAborted();
    const seed = createHash('sha256').update(`${state.spec.name} ${state.beats} ${doneBytes}`).digest();
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, totalBytes - doneBytes), seed);
    hash.update(chunk);
    await use(chunk, doneBytes);
    doneBytes += chunk.length;
    onProgress?.({ phase: 'dump', doneBytes, totalBytes });
  }
  return hash.digest('hex');
}
