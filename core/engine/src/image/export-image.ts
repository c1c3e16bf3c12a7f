// SPDX-License-Identifier: Apache-2.0
import { mkdir, open, readFile, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchImage, type ImageCallOptions, type ImageReader } from '@grit/image';
import { GritError, type LocalPart } from '@grit/plugin-api';
import { RECORD_NAME, formatRecord } from './export-record.js';

/** While the export is under way. */
const UNFINISHED = `.${RECORD_NAME}.unfinished`;

/** A directory that was exported. */
export interface ExportedImage {
  readonly checkpoint: string;
  readonly directory: string;
  readonly parts: readonly LocalPart[];
  /** Bytes of all parts. */
  readonly size: number;
}

/**
 * Writes an image as plain files, every byte verified: part `criu/core-1.img` becomes that file below the directory, so `criu/` is what
 * `runc restore --image-path` and CRIU take. A directory that is not empty is refused, unless an export of this very image into it was
 * interrupted: then it goes on. Errors: those of `fetchImage`; GRIT_REQUEST_INVALID.
 */
export async function exportImage(
  reader: ImageReader,
  directory: string,
  options: ImageCallOptions,
): Promise<ExportedImage> {
  const { digest, size } = reader;
  const { version: _version, hash: _hash, requires: _requires, encryption: _encryption, ...rest } = reader.manifest;
  const { bytes: _bytes, table: _table, packs: _packs, parts: listed, ...facts } = rest;
  if (listed.some(({ name }) => name === RECORD_NAME)) {
    throw new GritError('GRIT_UNSUPPORTED', `the image has a part ${RECORD_NAME}, which is the name of the record`);
  }
  const record = formatRecord({ digest, facts, parts: listed.map(({ name, kind }) => ({ name, kind })) });
  await claim(directory, record);
  const parts = await fetchImage(reader, directory, options);
  await rename(join(directory, UNFINISHED), join(directory, RECORD_NAME));
  await syncDirectory(directory);
  return { checkpoint: reader.manifest.checkpoint, directory, parts, size };
}

/** Makes the directory this export's own. */
async function claim(directory: string, record: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw refused(directory, `cannot be made: ${(error as Error).message}`);
  });
  const path = join(directory, UNFINISHED);
  const names = await readdir(directory);
  if (names.length === 0) {
    await writeDurably(path, record);
    return;
  }
  const found = names.includes(UNFINISHED) ? await readFile(path, 'utf8') : undefined;
  if (found === record) return;
  throw refused(directory, found === undefined ? 'is not empty' : 'has an unfinished export of another image');
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(text);
  await file.sync();
}

async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory);
  await handle.sync();
}

function refused(directory: string, what: string): GritError {
  return new GritError('GRIT_REQUEST_INVALID', `${directory} ${what}`, {
    hint: 'Name an empty directory, or a new one.',
  });
}
