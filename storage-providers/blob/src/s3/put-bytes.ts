// SPDX-License-Identifier: Apache-2.0
import type { UploadSource } from '../object-store.js';
import { CHECKSUM, checksumOf, checksumOfSource } from './checksum.js';
import { Refused } from './refusal.js';
import type { WireAnswer } from '../wire/wire-request.js';
import type { S3Access, S3CallOptions, S3ExchangeOptions } from './s3-access.js';
import { fromSource } from '../retry/source-failure.js';

/** What one request carries. */
export type Payload = Uint8Array | UploadSource;

/** A PUT of bytes: where, and with which headers. */
export interface PutTarget {
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface PutOptions extends S3CallOptions, Pick<S3ExchangeOptions, 'onLost'> {
  readonly checksums: boolean;
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** What is there afterwards. */
export interface PutDone {
  readonly etag: string;
  readonly checksum: string | undefined;
}

/** Sends an object or a part, with its checksum, as often as it takes. Bytes are told of once, whatever was sent again. */
export async function putBytes(
  access: S3Access,
  target: PutTarget,
  payload: Payload,
  options: PutOptions,
): Promise<PutDone> {
  const { signal, checksums, onBytes } = options;
  const size = payload instanceof Uint8Array ? payload.length : payload.size;
  const checksum = checksums ? await checksumOfPayload(payload, signal) : undefined;
  const progress = { told: 0 };
  const tell = (sent: number): void => {
    if (sent <= progress.told) return;
    onBytes?.(sent - progress.told);
    progress.told = sent;
  };
  const check = (answer: WireAnswer): void => {
    const theirs = answer.headers.get(CHECKSUM);
    if (checksum === undefined || theirs === undefined || theirs.includes('-') || theirs === checksum) return;
    throw new Refused({ status: answer.status, code: 'BadDigest', message: `sent ${checksum}, stored ${theirs}` });
  };
  const answer = await access.exchange(
    { ...options, check },
    {
      method: 'PUT',
      key: target.key,
      query: target.query,
      headers: { ...target.headers, ...(checksum !== undefined && { [CHECKSUM]: checksum }) },
      body:
        payload instanceof Uint8Array ? payload : () => counted(payload.read({ start: 0, end: size }, signal), tell),
      bodySize: size,
    },
  );
  tell(size);
  return { etag: answer.headers.get('etag') ?? '', checksum };
}

async function checksumOfPayload(payload: Payload, signal: AbortSignal): Promise<string> {
  if (payload instanceof Uint8Array) return checksumOf(payload);
  return checksumOfSource(payload.read({ start: 0, end: payload.size }, signal), payload.size);
}

async function* counted(
  data: AsyncIterable<Uint8Array>,
  tell: (sent: number) => void,
): AsyncGenerator<Uint8Array, void> {
  let sent = 0;
  for await (const bytes of fromSource(data)) {
    yield bytes;
    sent += bytes.length;
    tell(sent);
  }
}
