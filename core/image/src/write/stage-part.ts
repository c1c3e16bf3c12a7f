// SPDX-License-Identifier: Apache-2.0
import { open } from 'node:fs/promises';
import type { PartSource } from '@grit/plugin-api';
import { namingPart } from '../damage.js';
import { codedPackError } from '../io/coded-pack-error.js';
import { throwIfAborted } from '../stream/until-aborted.js';
import type { ImageReader } from '../read/image-reader.js';

const ZEROS = Buffer.alloc(1024 * 1024);

/** Makes a part the file at its path, verified; what is zero takes no room. Not durable. Errors: those of {@link ImageReader}, and of the local disk. */
export async function stagePart(
  source: Pick<ImageReader, 'manifest' | 'read'>,
  { name, path }: PartSource,
  signal: AbortSignal,
): Promise<void> {
  const size = source.manifest.parts.find((part) => part.name === name)?.size ?? 0;
  await using file = await open(path, 'w', 0o600);
  let at = 0;
  for await (const piece of source.read(name, { start: 0, end: size }, signal)) {
    throwIfAborted(signal);
    try {
      if (!isZero(piece)) await file.write(piece, 0, piece.length, at);
    } catch (error) {
      throw namingPart(codedPackError(error, path), name);
    }
    at += piece.length;
  }
  await file.truncate(size);
}

function isZero(piece: Uint8Array): boolean {
  for (let at = 0; at < piece.length; at += ZEROS.length) {
    const some = piece.subarray(at, at + ZEROS.length);
    if (Buffer.compare(some, ZEROS.subarray(0, some.length)) !== 0) return false;
  }
  return true;
}
