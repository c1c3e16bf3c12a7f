// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  findWritten,
  storeImage,
  type ImageCallOptions,
  type ImageFacts,
  type ImageReader,
  type WrittenImage,
} from '@grit/image';
import {
  GritError,
  NAME_PATTERN,
  isGritError,
  type PartSource,
  type StorageProvider,
  type StoredBytes,
} from '@grit/plugin-api';
import { RECORD_NAME, parseRecord } from './export-record.js';
import { plainParts } from './plain-parts.js';

/** What is to be imported, and as what. */
export interface ImportOptions extends ImageCallOptions {
  /** Id of the new image. Default: the one that it was exported as, or a new one. */
  readonly id?: string | undefined;
  /** Name of the workload; needed for a directory that was not exported from here. */
  readonly workload?: string | undefined;
  /** Images whose chunks need not be stored again. */
  readonly known: readonly ImageReader[];
  readonly workDirectory: string;
}

/** An image that was made from a directory. */
export interface ImportedImage {
  readonly checkpoint: string;
  readonly digest: string;
  /** Bytes of all parts. */
  readonly size: number;
  readonly bytes: StoredBytes;
  /** It was there already, of the same checkpoint with the same facts: nothing was stored. */
  readonly known: boolean;
}

/** Driver in the record of an image that no driver of GRIT has made: none restores it. */
const PLAIN_DRIVER = 'plain-criu';

/** A record is never larger: it has less than the manifest. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/**
 * Makes an image of a directory: of an exported one the image that it was, of another one with a CRIU image in it one that can be
 * inspected, compared and exported, but not restored by GRIT, which knows nothing of its container.
 * Errors: those of `storeImage`; GRIT_REQUEST_INVALID.
 */
export async function importImage(
  provider: StorageProvider,
  directory: string,
  options: ImportOptions,
): Promise<ImportedImage> {
  const { signal, onProgress, known, workDirectory } = options;
  const { facts, parts } = (await exported(directory, options)) ?? (await plain(directory, options));
  const before = await committed(provider, facts, signal);
  const written =
    before ??
    (await storeImage(await provider.begin(facts.checkpoint, signal), parts, facts, {
      signal,
      onProgress,
      known,
      workDirectory,
      keys: provider.keys,
    }));
  const { checkpoint, bytes } = written.manifest;
  return { checkpoint, digest: written.digest, size: written.size, bytes, known: before !== undefined };
}

interface Imported {
  readonly facts: ImageFacts;
  readonly parts: readonly PartSource[];
}

async function exported(directory: string, { id, workload }: ImportOptions): Promise<Imported | undefined> {
  const path = join(directory, RECORD_NAME);
  const size = await stat(path).then(
    (found) => found.size,
    () => undefined,
  );
  if (size === undefined) return undefined;
  if (size > MAX_RECORD_BYTES) throw new GritError('GRIT_REQUEST_INVALID', `${path} has ${size} bytes`);
  const record = parseRecord(await readFile(path, 'utf8'), path);
  const parts = record.parts.map(({ name, kind }) => ({ name, kind, path: join(directory, name) }));
  await checkInside(directory, parts);
  const { facts } = record;
  const renamed = workload === undefined ? facts.workload : { ...facts.workload, name: workload };
  return { facts: { ...facts, workload: renamed, checkpoint: id ?? facts.checkpoint }, parts };
}

/** A link in a directory from elsewhere could name any file of this machine. */
async function checkInside(directory: string, parts: readonly PartSource[]): Promise<void> {
  const root = await realpath(directory);
  for (const { name, path } of parts) {
    // What is not there is told when it is read.
    const real = await realpath(path).catch(() => join(root, name));
    if (real === join(root, name)) continue;
    throw new GritError('GRIT_REQUEST_INVALID', `part ${name} of ${directory} is not a file below it: ${real}`, {
      details: { part: name },
    });
  }
}

async function plain(directory: string, { id, workload }: ImportOptions): Promise<Imported> {
  const parts = await plainParts(directory);
  if (workload === undefined) {
    throw new GritError('GRIT_REQUEST_INVALID', `${directory} does not say which workload it is of`, {
      hint: 'Give --workload NAME.',
    });
  }
  const changed = await Promise.all(parts.map(async ({ path }) => (await stat(path)).mtimeMs));
  const facts: ImageFacts = {
    checkpoint: id ?? `im-${randomBytes(10).toString('hex')}`,
    workload: { kind: 'container', name: workload },
    node: nodeName(),
    createdAt: Math.round(Math.max(...changed)),
    runtime: { driver: PLAIN_DRIVER, version: 1, data: {} },
    facts: {},
    timings: [],
  };
  return { facts, parts };
}

/** The machine's name, as far as it is one for a node. */
function nodeName(): string {
  const [name = ''] = hostname().toLowerCase().split('.');
  return NAME_PATTERN.test(name) ? name : 'local';
}

/** The image, if it is there already. Throws GRIT_IDEMPOTENCY_CONFLICT when there is another one of that id. */
async function committed(
  provider: StorageProvider,
  facts: ImageFacts,
  signal: AbortSignal,
): Promise<WrittenImage | undefined> {
  try {
    return await findWritten(provider, facts, signal);
  } catch (error) {
    if (!isGritError(error) || error.code !== 'GRIT_IDEMPOTENCY_CONFLICT') throw error;
    throw new GritError(error.code, `the store has another image ${facts.checkpoint}`, {
      cause: error,
      hint: 'Give --id to import it as another one.',
    });
  }
}
