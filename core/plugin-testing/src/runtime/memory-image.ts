// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  GritError,
  toGritError,
  type ImageSink,
  type ImageSource,
  type PartSource,
  type RuntimeRecord,
} from '@grit/plugin-api';
import { sendPages, writePagesFile, type MemoryPages, type MemoryState } from './memory-pages.js';

export const DRIVER_ID = 'memory';
const RECORD_VERSION = 1;
const PAGES = 'memory/pages.bin';
const STATE = 'memory/state.json';

/**
 * Writes `memory/pages.bin` (bytes that follow from the state) and `memory/state.json`. The pages go straight into the sink where it
 * takes them; then only the state is a file.
 */
export async function writeImage(
  sink: ImageSink,
  pages: MemoryPages,
): Promise<{ readonly record: RuntimeRecord; readonly parts: readonly PartSource[] }> {
  try {
    const small: PartSource = { name: STATE, kind: 'runtime', path: join(sink.directory, STATE) };
    await mkdir(dirname(small.path), { recursive: true });
    await writeFile(small.path, JSON.stringify(pages.state));
    const { digest, parts } = await writePages(sink, pages);
    for (const part of [...parts, small]) sink.add(part);
    await sink.flush?.(pages.signal);
    const record = { driver: DRIVER_ID, version: RECORD_VERSION, data: { digest } };
    return { record, parts: [...parts, small] };
  } catch (error) {
    pages.signal.throwIfAborted();
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
      .update(await readFile(join(source.directory, PAGES)))
      .digest('hex');
    if (found !== digest) throw new Error(`${PAGES} does not have the bytes that were dumped`);
    return JSON.parse(await readFile(join(source.directory, STATE), 'utf8')) as MemoryState;
  } catch (error) {
    throw toGritError(error, 'GRIT_RESTORE_FAILED');
  }
}

async function writePages(
  sink: ImageSink,
  pages: MemoryPages,
): Promise<{ readonly digest: string; readonly parts: readonly PartSource[] }> {
  if (sink.openPages !== undefined) {
    return { digest: await sendPages(PAGES, await sink.openPages(pages.signal), pages), parts: [] };
  }
  const part: PartSource = { name: PAGES, kind: 'memory', path: join(sink.directory, PAGES) };
  return { digest: await writePagesFile(part.path, pages), parts: [part] };
}
