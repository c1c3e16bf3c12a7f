// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GritError,
  toGritError,
  type ImageSink,
  type ImageSource,
  type PartSource,
  type ProgressListener,
  type RuntimeRecord,
  type WorkloadSpec,
} from '@grit/plugin-api';

export const DRIVER_ID = 'memory';
const RECORD_VERSION = 1;
const CHUNK_BYTES = 64 * 1024;

/** What of a process is in an image. */
export interface MemoryState {
  readonly spec: WorkloadSpec;
  readonly beats: number;
}

/** Writes `memory/pages.bin` (bytes that follow from the state) and `memory/state.json`. */
export async function writeImage(
  state: MemoryState,
  sink: ImageSink,
  bytes: number,
  options: { readonly signal: AbortSignal; readonly onProgress?: ProgressListener | undefined },
): Promise<{ readonly record: RuntimeRecord; readonly parts: readonly PartSource[] }> {
  const directory = join(sink.directory, 'memory');
  const pages: PartSource = { name: 'memory/pages.bin', kind: 'memory', path: join(directory, 'pages.bin') };
  const small: PartSource = { name: 'memory/state.json', kind: 'runtime', path: join(directory, 'state.json') };
  try {
    await mkdir(directory, { recursive: true });
    const digest = await writePages(pages.path, state, bytes, options);
    await writeFile(small.path, JSON.stringify(state));
    sink.add(pages);
    sink.add(small);
    const record = { driver: DRIVER_ID, version: RECORD_VERSION, data: { digest } };
    return { record, parts: [pages, small] };
  } catch (error) {
    options.signal.throwIfAborted();
    const full = (error as NodeJS.ErrnoException).code === 'ENOSPC';
    throw toGritError(error, full ? 'GRIT_NODE_STORAGE_FULL' : 'GRIT_DUMP_FAILED');
  }
}

/** Throws GRIT_RESTORE_INCOMPATIBLE for an image of another driver or a later version. */
export function checkRecord(record: RuntimeRecord): void {
  if (record.driver === DRIVER_ID && record.version === RECORD_VERSION) return;
  throw new GritError(
    'GRIT_RESTORE_INCOMPATIBLE',
    `the image was made by driver ${record.driver}, version ${record.version}; this is ${DRIVER_ID}, version ${RECORD_VERSION}`,
  );
}

/** Reads an image back. Throws GRIT_RESTORE_FAILED for one that is not whole. */
export async function readImage(source: ImageSource): Promise<MemoryState> {
  try {
    const { digest } = source.runtime.data as { readonly digest: string };
    const found = createHash('sha256')
      .update(await readFile(join(source.directory, 'memory/pages.bin')))
      .digest('hex');
    if (found !== digest) throw new Error('memory/pages.bin does not have the bytes that were dumped');
    return JSON.parse(await readFile(join(source.directory, 'memory/state.json'), 'utf8')) as MemoryState;
  } catch (error) {
    throw toGritError(error, 'GRIT_RESTORE_FAILED');
  }
}

async function writePages(
  path: string,
  state: MemoryState,
  bytes: number,
  options: { readonly signal: AbortSignal; readonly onProgress?: ProgressListener | undefined },
): Promise<string> {
  const hash = createHash('sha256');
  await using file = await open(path, 'w');
  for (let done = 0; done < bytes;) {
    options.signal.throwIfAborted();
    const seed = createHash('sha256').update(`${state.spec.name} ${state.beats} ${done}`).digest();
    const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, bytes - done), seed);
    hash.update(chunk);
    await file.write(chunk);
    done += chunk.length;
    options.onProgress?.({ phase: 'dump', doneBytes: done, totalBytes: bytes });
  }
  return hash.digest('hex');
}
