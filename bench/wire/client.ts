// SPDX-License-Identifier: Apache-2.0
// One run of one way to move bytes, in a process of its own: client.ts WAY PORT BYTES CA-FILE|- FILE. Prints seconds, CPU seconds and RSS.
// FILE: what is uploaded from a file. Node runs it as it is: a loader would be a third of the memory.
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { openS3 } from '../../storage-providers/blob/dist/s3/open-s3.js';
import type { S3Store } from '../../storage-providers/blob/dist/s3/s3-store.js';
import { FileSource } from '../../storage-providers/blob/dist/store/file-source.js';
import { Wire } from '../../storage-providers/blob/dist/wire/wire.js';

const [way = '', port = '', total = '', caFile = '-', file = ''] = process.argv.slice(2);
const CONNECTIONS = 4;
const RANGE = 8 * 1024 * 1024;
const secure = caFile !== '-';
const ca = secure ? readFileSync(caFile) : undefined;
const signal = new AbortController().signal;
// Before the clock starts, as that of our client.
const sdk = way === 'sdk-download' ? await import('@aws-sdk/client-s3') : undefined;
const store = way.startsWith('s3-') ? await openStore() : undefined;
const source = way === 's3-upload' ? await FileSource.open(file) : undefined;
/** Bytes of one request. */
const step = source?.size ?? RANGE;
let left = Math.ceil(Number(total) / step);

function openStore(): Promise<S3Store> {
  return openS3({
    bucket: 'bench',
    region: 'x',
    endpoint: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    ca: ca?.toString(),
  });
}

/** Moves ranges one after the other, `CONNECTIONS` times at once, each with memory of its own. */
async function inParallel(move: (memory: Buffer, lane: number) => Promise<void>): Promise<void> {
  const lanes = Array.from({ length: CONNECTIONS }, async (_, lane) => {
    const memory = Buffer.alloc(source === undefined ? RANGE : 0);
    while (left-- > 0) await move(memory, lane);
  });
  await Promise.all(lanes);
}

function rawSocket(buffer: Buffer, callback: (count: number) => boolean): Promise<Socket> {
  const options = {
    host: '127.0.0.1',
    port: Number(port),
    noDelay: true,
    onread: { buffer, callback },
    ...(ca && { ca }),
  };
  return new Promise((resolve, reject) => {
    const socket = secure ? connectTls(options) : connect(options);
    socket.once('error', reject).once(secure ? 'secureConnect' : 'connect', () => resolve(socket));
  });
}

const RANGE_HEADER = `bytes=0-${RANGE - 1}`;

const WAYS: Record<string, () => Promise<void>> = {
  'wire-download': () => {
    const wire = new Wire({ secure, host: '127.0.0.1', port: Number(port), tls: ca && { ca } });
    return inParallel(async (into) => {
      const { received } = await wire.request({
        method: 'GET',
        path: '/b/k',
        headers: { range: RANGE_HEADER },
        into,
        signal,
      });
      if (received !== RANGE) throw new Error(`${received} bytes`);
    });
  },
  'wire-upload': () => {
    const wire = new Wire({ secure, host: '127.0.0.1', port: Number(port), tls: ca && { ca } });
    return inParallel(async (body) => {
      const { status } = await wire.request({ method: 'PUT', path: '/b/k', headers: {}, body, signal });
      if (status !== 200) throw new Error(`status ${status}`);
    });
  },
  /** With all that our store of S3 does: signatures, checks of the answer. */
  's3-download': () => inParallel(async (into) => store?.readInto('k', { start: 0, end: RANGE }, into, signal)),
  /** Packs from files, with their checksums. */
  's3-upload': () => {
    if (source === undefined) throw new Error(`no file ${file}`);
    return inParallel(async () => store?.upload('k', source, { signal }));
  },
  /** The same requests without any reading of answers: bytes are counted. */
  'raw-download': async () => {
    const sockets: Socket[] = [];
    const ends: ((count: number) => void)[] = [];
    for (let lane = 0; lane < CONNECTIONS; lane += 1)
      sockets.push(await rawSocket(Buffer.alloc(RANGE), (count) => (ends[lane]?.(count), true)));
    await inParallel((_, lane) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      let missing = RANGE;
      ends[lane] = (count) => {
        missing -= count;
        if (missing <= 0) resolve(undefined);
      };
      sockets[lane]?.write(`GET /b/k HTTP/1.1\r\nHost: x\r\nRange: ${RANGE_HEADER}\r\n\r\n`);
      return promise;
    });
  },
  'raw-upload': async () => {
    const sockets: Socket[] = [];
    const ends: (() => void)[] = [];
    for (let lane = 0; lane < CONNECTIONS; lane += 1)
      sockets.push(await rawSocket(Buffer.alloc(4_096), () => (ends[lane]?.(), true)));
    await inParallel((memory, lane) => {
      const { promise, resolve } = Promise.withResolvers<undefined>();
      ends[lane] = () => resolve(undefined);
      sockets[lane]?.write(`PUT /b/k HTTP/1.1\r\nHost: x\r\nContent-Length: ${RANGE}\r\n\r\n`);
      sockets[lane]?.write(memory);
      return promise;
    });
  },
  'sdk-download': async () => {
    if (sdk === undefined) throw new Error('the SDK is not loaded');
    const { S3Client, GetObjectCommand } = sdk;
    const client = new S3Client({
      endpoint: `${secure ? 'https' : 'http'}://127.0.0.1:${port}`,
      region: 'x',
      forcePathStyle: true,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    await inParallel(async () => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'b', Key: 'k', Range: RANGE_HEADER }));
      const bytes = await Body?.transformToByteArray();
      if (bytes?.length !== RANGE) throw new Error(`${String(bytes?.length)} bytes`);
    });
  },
};

const run = WAYS[way];
if (!run) throw new Error(`no way ${way}`);
const cpu = process.cpuUsage();
const began = performance.now();
await run();
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(cpu);
const rss = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ seconds, cpu: (user + system) / 1e6, rss })}\n`, () => process.exit(0));
