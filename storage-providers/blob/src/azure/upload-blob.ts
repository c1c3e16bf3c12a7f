// SPDX-License-Identifier: Apache-2.0
import type { ContainerClient } from '@azure/storage-blob';
import { untilAborted } from '@grit/image';
import type { UploadOptions, UploadSource } from '../object-store.js';
import { isRefused, type ServiceRefused } from '../refused.js';
import { fromSource } from '../retry/source-failure.js';
import { streamParts } from '../upload/stream-parts.js';
import type { WireBody } from '../wire/wire-request.js';
import type { AzureAccess } from './azure-access.js';
import { azureError } from './azure-error.js';
import { BLOCKS_AT_ONCE, blockSize, STREAM_BLOCKS_AT_ONCE, streamBlockSize, type BlockSizes } from './block-sizes.js';
import { putBlocks, type Block } from './blocks.js';

/** How often an object that somebody else writes too is begun anew. */
const ROUNDS = 3;

export interface UploadPlace {
  readonly access: AzureAccess;
  readonly container: ContainerClient;
  readonly sizes: BlockSizes;
}

/** One request that makes a whole blob. Returns its etag. */
export async function putBlob(
  access: AzureAccess,
  key: string,
  payload: { readonly body: WireBody; readonly size: number },
  options: {
    readonly signal: AbortSignal;
    readonly headers?: Readonly<Record<string, string>>;
    readonly expected?: readonly string[];
    readonly onLost?: () => void;
  },
): Promise<string> {
  const answer = await access.exchange({ ...options, what: `write ${key}` }, () => ({
    method: 'PUT',
    path: access.pathOf(key),
    headers: { ...options.headers, 'x-ms-blob-type': 'BlockBlob' },
    body: payload.body,
    bodySize: payload.size,
  }));
  return answer.headers.get('etag') ?? '';
}

/** A blob from bytes that can be had again: each block straight from the source. */
export async function uploadSource(
  place: UploadPlace,
  key: string,
  source: UploadSource,
  { signal, onBytes }: UploadOptions,
): Promise<void> {
  const step = blockSize(place.sizes, source.size);
  const bodyOf = (start: number, end: number) => () => fromSource(source.read({ start, end }, signal));
  if (source.size <= step) {
    await putBlob(place.access, key, { body: bodyOf(0, source.size), size: source.size }, { signal });
    onBytes?.(source.size);
    return;
  }
  async function* blocks(): AsyncGenerator<Block, void> {
    for (let index = 0; index * step < source.size; index++) {
      const [start, end] = [index * step, Math.min(source.size, (index + 1) * step)];
      yield { index, size: end - start, body: bodyOf(start, end) };
    }
  }
  let told = 0;
  for (let round = 1; ; round++) {
    let sent = 0;
    const tell = (bytes: number): void => {
      sent += bytes;
      // What was sent in an earlier round is not told of again.
      const more = sent - told;
      if (more > 0) onBytes?.(more);
      told = Math.max(told, sent);
    };
    try {
      await putBlocks(place, key, blocks(), { signal, onBytes: tell, atOnce: BLOCKS_AT_ONCE });
      return;
    } catch (error) {
      if (!isRefused(error, 'InvalidBlockList')) throw error;
      if (round === ROUNDS) throw taken(place.access, key, error);
    }
  }
}

/** A blob from a stream, whose blocks are in memory. Returns its size. */
export async function uploadStream(
  place: UploadPlace,
  key: string,
  data: AsyncIterable<Uint8Array>,
  { signal, onBytes }: UploadOptions,
): Promise<number> {
  const { access, sizes } = place;
  const parts = streamParts(untilAborted(data, signal), (index) => streamBlockSize(sizes, index));
  const first = await parts.next();
  if (first.done === true) return 0;
  if (first.value.only) {
    const { bytes } = first.value;
    await putBlob(access, key, { body: bytes, size: bytes.length }, { signal });
    onBytes?.(bytes.length);
    return bytes.length;
  }
  async function* blocks(): AsyncGenerator<Block, void> {
    try {
      yield blockOf(first.value as Exclude<typeof first.value, void>);
      for await (const part of parts) yield blockOf(part);
    } finally {
      await parts.return();
    }
  }
  try {
    return await putBlocks(place, key, blocks(), { signal, onBytes, atOnce: STREAM_BLOCKS_AT_ONCE });
  } catch (error) {
    throw isRefused(error, 'InvalidBlockList') ? taken(access, key, error) : error;
  }
}

function blockOf({ index, bytes, done }: { index: number; bytes: Uint8Array; done: () => void }): Block {
  return { index, size: bytes.length, body: bytes, done };
}

function taken({ place }: AzureAccess, key: string, { refusal }: ServiceRefused): Error {
  const reason = 'somebody else has written it at the same time';
  return azureError(
    { fromAzure: true, ...refusal },
    { label: place.label, what: `write ${key}`, now: Date.now(), reason },
  );
}
