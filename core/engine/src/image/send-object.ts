// SPDX-License-Identifier: Apache-2.0
import { open, rename, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { throwIfAborted } from '@grit/image';
import type { ImageStorageReader, ImageStorageWriter } from '@grit/plugin-api';

/** An object of an image on its way. */
interface SentObject {
  readonly object: string;
  /** Bytes. */
  readonly size: number;
  /** See `PutOptions.identity`; missing for one that is sent each time. */
  readonly identity?: string | undefined;
}

/**
 * Sends one object of an image to another store, its bytes as they are; gives how many were sent, none when the target has it from an
 * interrupted try. Where the store lends a directory of its own disk the bytes go there first, whole files only.
 */
export async function sendObject(
  source: ImageStorageReader,
  writer: ImageStorageWriter,
  { object, size, identity }: SentObject,
  { signal, onBytes }: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void },
): Promise<number> {
  const options = { signal, ...(identity !== undefined && { identity }) };
  if (identity === undefined || writer.staging === undefined || writer.putFile === undefined) {
    // Never a link: a copy that shares its file is none.
    const path = writer.staging === undefined ? await source.localPath?.(object, signal) : undefined;
    const taken = path !== undefined && (await writer.putFile?.(object, path, { ...options, onBytes })) === true;
    if (!taken) await writer.put(object, source.read(object, { start: 0, end: size }, signal), { ...options, onBytes });
    return size;
  }
  const path = join(await writer.staging(signal), basename(object));
  const left = (await stat(path).catch(() => undefined))?.size === size;
  if (left) onBytes(size);
  else await stage(source, object, size, path, signal, onBytes);
  if (!(await writer.putFile(object, path, options))) {
    await writer.put(object, source.read(object, { start: 0, end: size }, signal), options);
  }
  return left ? 0 : size;
}

/** A name says that all bytes are there and durable. */
async function stage(
  source: ImageStorageReader,
  object: string,
  size: number,
  path: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const unfinished = `${path}.unfinished`;
  {
    await using file = await open(unfinished, 'w', 0o600);
    for await (const chunk of source.read(object, { start: 0, end: size }, signal)) {
      throwIfAborted(signal);
      await file.appendFile(chunk);
      onBytes(chunk.length);
    }
    await file.datasync();
  }
  await rename(unfinished, path);
}
