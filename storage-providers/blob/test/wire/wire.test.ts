// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localCertificate } from '../../../../test/fixtures/object-stores/local-certificate.js';
import type { WireRequest } from '../../src/wire/wire-request.js';
import { failsAs } from './fails-as.js';
import { against, type Peer, type RawServer, type ServerTls } from './raw-server.js';
import { never, pattern } from './seed.js';

function get(more: Partial<WireRequest> = {}): WireRequest {
  return { method: 'GET', path: '/', headers: {}, signal: never(), ...more };
}

function put(more: Partial<WireRequest>): WireRequest {
  return get({ method: 'PUT', ...more });
}

/** Answers each request with what `respond` writes. */
function each(respond: (peer: Peer, head: string) => Promise<void>): (peer: Peer) => Promise<void> {
  return async (peer) => {
    for (let head = await peer.head(); head !== undefined; head = await peer.head()) await respond(peer, head);
  };
}

const MIB = 1024 * 1024;
const certificates: { tls?: ServerTls; directory?: string } = {};

describe('the wire', function () {
  this.timeout(60_000);

  before(async () => {
    const directory = await mkdtemp(join(tmpdir(), 'grit-wire-'));
    const { keyFile, certificateFile, caPem } = await localCertificate(directory);
    certificates.tls = { key: await readFile(keyFile), cert: await readFile(certificateFile), ca: caPem };
    certificates.directory = directory;
  });
  after(async () => {
    if (certificates.directory !== undefined) await rm(certificates.directory, { recursive: true });
  });

  for (const name of ['plain', 'tls']) {
    const onServer = (
      serve: (peer: Peer, nth: number) => Promise<void> | void,
      test: (server: RawServer) => Promise<void>,
    ) => against(serve, test, name === 'tls' ? certificates.tls : undefined);

    describe(name, () => {
      it('reads into memory, over one connection that is used again', async () => {
        const body = pattern(3 * MIB);
        await onServer(
          each((peer) => peer.answer('206 Partial Content', body, 'ETag: "e"\r\n')),
          async (server) => {
            const wire = server.wire();
            for (let round = 0; round < 3; round += 1) {
              const memory = Buffer.alloc(body.length + 20, 0xee);
              const into = memory.subarray(10, -10);
              const answer = await wire.request(get({ into }));
              assert.deepEqual([answer.status, answer.received, answer.headers.get('etag')], [206, body.length, '"e"']);
              assert.ok(into.equals(body));
              assert.ok([...memory.subarray(0, 10), ...memory.subarray(-10)].every((byte) => byte === 0xee));
            }
            assert.equal(server.peers.length, 1);
          },
        );
      });

      it('sends a body from memory and from a call, and reads the answer', async () => {
        const body = pattern(3 * MIB);
        const serve = each(async (peer, head) => {
          const size = Number(/Content-Length: (\d+)/.exec(head)?.[1]);
          await peer.answer('200 OK', (await peer.bytes(size)).equals(body.subarray(0, size)) ? 'same' : 'other');
        });
        await onServer(serve, async (server) => {
          const wire = server.wire();
          const pieces = async function* (): AsyncGenerator<Uint8Array> {
            // The same memory each time: it is free once the next piece is asked for.
            const memory = Buffer.alloc(700_000);
            for (let at = 0; at < body.length; at += memory.length) {
              yield memory.subarray(0, body.copy(memory, 0, at));
              memory.fill(0);
              await Promise.resolve();
            }
          };
          const sent: Partial<WireRequest>[] = [
            { body },
            { body: body.subarray(0, 10) },
            { body: body.subarray(0, 0) },
            { body: pieces, bodySize: body.length },
          ];
          for (const request of sent) {
            const { status, body: said, received } = await wire.request(put(request));
            assert.deepEqual([status, Buffer.from(said).toString(), received], [200, 'same', 4]);
          }
          assert.equal(server.peers.length, 1);
        });
      });

      it('touches nothing of the target after an abort', async () => {
        const flood = async (peer: Peer): Promise<void> => {
          await peer.head();
          await peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${64 * MIB}\r\n\r\n`);
          while (!peer.socket.destroyed) await peer.write(Buffer.alloc(MIB, 0xaa));
        };
        await onServer(flood, async (server) => {
          const wire = server.wire();
          const into = Buffer.alloc(64 * MIB);
          const stop = new AbortController();
          const request = wire.request(get({ into, signal: stop.signal }));
          while (into[100_000] === 0) await new Promise(setImmediate);
          stop.abort(new Error('enough'));
          await assert.rejects(request, /enough/);
          assert.equal(wire.connections, 0);
          into.fill(0);
          await server.peers[0]?.closed;
          assert.ok(into.equals(Buffer.alloc(into.length)));
        });
      });

      it('says when the connection was closed in the middle', async () => {
        const serve = async (peer: Peer): Promise<void> => {
          await peer.head();
          await peer.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789');
          peer.socket.end();
        };
        await onServer(serve, async (server) => {
          const wire = server.wire();
          const error = await failsAs('reset', wire.request(get({ into: Buffer.alloc(1000) })));
          assert.equal(error.received, 10);
          assert.equal(wire.connections, 0);
        });
      });

      it('stops sending when it is refused', async () => {
        const serve = async (peer: Peer): Promise<void> => {
          await peer.head();
          await peer.bytes(1000);
          await peer.answer('403 Forbidden', 'no');
          // Reads nothing more: who went on sending would never end.
          await peer.closed;
        };
        await onServer(serve, async (server) => {
          const wire = server.wire();
          const body = pattern(64 * MIB);
          const { status, body: said } = await wire.request(put({ body }));
          assert.deepEqual([status, Buffer.from(said).toString()], [403, 'no']);
          assert.equal(wire.connections, 0);
        });
      });
    });
  }

  describe('asking before a body', () => {
    it('sends it when it is asked for', async () => {
      const serve = each(async (peer, head) => {
        assert.match(head, /Expect: 100-continue/);
        await peer.write('HTTP/1.1 100 Continue\r\n\r\n');
        await peer.answer('200 OK', await peer.bytes(5));
      });
      await against(serve, async (server) => {
        const wire = server.wire({ continueMs: 60_000 });
        const { body } = await wire.request(put({ body: Buffer.from('hello'), expectContinue: true }));
        assert.equal(Buffer.from(body).toString(), 'hello');
      });
    });

    it('does not even read it when it is refused', async () => {
      await against(
        each((peer) => peer.answer('412 Precondition Failed')),
        async (server) => {
          const wire = server.wire({ continueMs: 60_000 });
          let asked = false;
          const body = async function* (): AsyncGenerator<Uint8Array> {
            asked = true;
            yield await Promise.resolve(Buffer.alloc(5));
          };
          const { status } = await wire.request(put({ body, bodySize: 5, expectContinue: true }));
          assert.deepEqual([status, asked, wire.connections], [412, false, 0]);
        },
      );
    });

    it('sends it anyway to a server that does not know the question', async () => {
      await against(
        each(async (peer) => peer.answer('200 OK', await peer.bytes(5))),
        async (server) => {
          const wire = server.wire({ continueMs: 20 });
          const { body } = await wire.request(put({ body: Buffer.from('hello'), expectContinue: true }));
          assert.equal(Buffer.from(body).toString(), 'hello');
        },
      );
    });
  });

  describe('a body that is wrong', () => {
    const serve = async (peer: Peer): Promise<void> => {
      await peer.head();
      await peer.bytes(1_000_000);
    };
    const of = (...pieces: (number | Error)[]): Partial<WireRequest> => ({
      bodySize: 10,
      body: async function* () {
        for (const piece of pieces) {
          if (piece instanceof Error) throw piece;
          yield await Promise.resolve(Buffer.alloc(piece));
        }
      },
    });
    for (const [what, body, message] of [
      ['too short', of(4, 5), /gives 1 fewer/],
      ['too long', of(4, 7), /gives more/],
      ['longer than its end', of(10, 1), /gives more/],
      ['broken', of(4, new Error('disk')), /disk/],
    ] as const) {
      it(`ends the request: ${what}`, () =>
        against(serve, async (server) => {
          const wire = server.wire();
          await assert.rejects(wire.request(put(body)), message);
          assert.equal(wire.connections, 0);
        }));
    }
  });

  describe('answers that are none', () => {
    for (const [what, text] of [
      ['garbage', 'SSH-2.0-OpenSSH_9.9\r\n\r\n'],
      ['endless headers', `HTTP/1.1 200 OK\r\n${`A: ${'b'.repeat(1000)}\r\n`.repeat(80)}`],
      ['more than they say', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabc'],
      ['more than fits', 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n'],
    ] as const) {
      it(`are refused: ${what}`, () =>
        against(
          each((peer) => peer.write(text)),
          async (server) => {
            const wire = server.wire();
            await failsAs('protocol', wire.request(get({ into: Buffer.alloc(10) })));
            assert.equal(wire.connections, 0);
          },
        ));
    }

    it('come in any pieces', async () => {
      const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n';
      const serve = each(async (peer) => {
        peer.socket.setNoDelay(true);
        for (const byte of text) await peer.write(byte);
      });
      await against(serve, async (server) => {
        const { body } = await server.wire().request(get());
        assert.equal(Buffer.from(body).toString(), 'hello');
      });
    });
  });
});
