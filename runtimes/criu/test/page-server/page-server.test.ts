// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GritError, PAGE_BYTES, isGritError } from '@grit/plugin-api';
import { MemoryLogger } from '@grit/plugin-testing';
import { PageServer } from '../../src/page-server/page-server.js';
import { headerLayout } from '../../src/page-server/protocol.js';
import { eventually } from '../node/eventually.js';
import { NEVER } from '../node/test-node.js';
import { CriuStream } from './criu-stream.js';
import { ListSink } from './list-sink.js';

const STREAM = new CriuStream(true);
const ROOM = 64 * 1024;
/** To the server this process is a CRIU: a process below the one that it expects. */
const ABOVE_US = Promise.resolve(process.ppid);

describe('the page server', () => {
  let images: string;
  let server: PageServer;
  let logger: MemoryLogger;
  const clients: Socket[] = [];

  beforeEach(async () => {
    images = await mkdtemp(join(tmpdir(), 'grit-pages-'));
    logger = new MemoryLogger();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await server.close();
    await rm(images, { recursive: true, force: true });
  });

  const listen = async (sink: ListSink, runc: Promise<number> = ABOVE_US): Promise<void> => {
    server = await PageServer.listen({ sink, layout: headerLayout('4.2'), images, logger, signal: NEVER });
    server.expect(runc);
  };
  const client = async (): Promise<Socket> => {
    const socket = connect(Number(server.address.split(':')[1]), '127.0.0.1');
    socket.on('error', () => undefined);
    clients.push(socket);
    await once(socket, 'connect');
    return socket;
  };

  it('takes a dump, waits where there is no room, and answers', async () => {
    let asked = 0;
    const sink = new ListSink(
      () => ROOM,
      () => ++asked % 3 === 0,
    );
    await listen(sink);
    const socket = await client();
    const answers: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => answers.push(bytes));
    const count = 500;
    socket.write(
      Buffer.concat([STREAM.open(1), STREAM.pages(1, 16, count), STREAM.open(9, 2), STREAM.pages(9, 0, 3, 2)]),
    );
    socket.write(STREAM.goodbye());
    await eventually('all answers', () => Buffer.concat(answers).length === 6);
    socket.end();
    assert.deepEqual(await server.finish(), [
      { name: 'criu/pages-1.img', size: count * PAGE_BYTES },
      { name: 'criu/pages-2.img', size: 3 * PAGE_BYTES },
    ]);
    assert.equal(server.bytes, (count + 3) * PAGE_BYTES);
    assert.deepEqual(sink.parts.get('criu/pages-1.img'), STREAM.pages(1, 16, count).subarray(32));
    assert.deepEqual((await readdir(images)).sort(), ['pagemap-1.img', 'pagemap-shmem-9.img']);
    assert.ok((await readFile(join(images, 'pagemap-1.img'))).length > 10);
  });

  it('says in advance that all is well when the last image appears, and not a second time', async () => {
    await listen(new ListSink(() => ROOM));
    const socket = await client();
    const answers: Buffer[] = [];
    socket.on('data', (bytes: Buffer) => answers.push(bytes));
    socket.write(Buffer.concat([STREAM.open(1), STREAM.pages(1, 1, 1)]));
    await eventually('the open is answered', () => Buffer.concat(answers).length === 1);
    await writeFile(join(images, 'inventory.img'), '');
    await eventually('the goodbye is answered', () => Buffer.concat(answers).length === 5);
    socket.end(STREAM.goodbye());
    await server.finish();
    await closed(socket);
    assert.equal(Buffer.concat(answers).length, 5);
  });

  it('is not satisfied with a dump that ends early', async () => {
    await listen(new ListSink(() => ROOM));
    const socket = await client();
    socket.end(Buffer.concat([STREAM.open(1), STREAM.pages(1, 1, 3).subarray(0, 5_000)]));
    await eventually('a page is there', () => server.bytes === PAGE_BYTES);
    await failsWith(server.finish(), 'GRIT_DUMP_FAILED');
  });

  it('is not satisfied when nobody came', async () => {
    await listen(new ListSink(() => ROOM));
    await failsWith(server.finish(), 'GRIT_DUMP_FAILED');
  });

  it('closes the connection of somebody else, and says so', async () => {
    const other: ChildProcess = spawn('sleep', ['1000']);
    try {
      await listen(new ListSink(() => ROOM), Promise.resolve(other.pid ?? 0));
      const socket = await client();
      socket.resume().write(STREAM.open(1));
      await closed(socket);
      assert.equal(server.bytes, 0);
      assert.ok(logger.lines.some(({ message }) => message.includes('somebody else')));
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('serves one connection', async () => {
    await listen(new ListSink(() => ROOM));
    const first = await client();
    first.write(STREAM.open(1));
    await once(first, 'data');
    const second = await client();
    second.resume();
    await closed(second);
    first.resume().end(STREAM.goodbye());
    assert.equal((await server.finish()).length, 1);
  });

  it('ends the connection at once when the sink fails, and has its error', async () => {
    let asked = 0;
    const sink = new ListSink(
      () => ROOM,
      () => ++asked > 2,
    );
    sink.failure = new GritError('GRIT_STORAGE_FULL', 'the store is full');
    await listen(sink);
    const socket = await client();
    socket.resume().write(Buffer.concat([STREAM.open(1), STREAM.pages(1, 1, 1_000)]));
    await failsWith(server.failure, 'GRIT_STORAGE_FULL');
    await closed(socket);
    assert.equal(await server.close(), sink.failure);
  });

  it('ends the connection of a stream that is no dump', async () => {
    await listen(new ListSink(() => ROOM));
    const socket = await client();
    socket.resume().write(STREAM.command(42));
    await failsWith(server.failure, 'GRIT_DUMP_FAILED');
    await closed(socket);
  });
});

async function closed(socket: Socket): Promise<void> {
  await eventually('the connection is closed', () => socket.closed);
}

async function failsWith(call: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(call, (error) => isGritError(error) && error.code === code);
}
