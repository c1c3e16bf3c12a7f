// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { WireRequest } from '../../src/wire/wire-request.js';
import { failsAs } from './fails-as.js';
import { against, type Peer } from './raw-server.js';
import { never } from './seed.js';

function request(method = 'GET', more: Partial<WireRequest> = {}): WireRequest {
  return { method, path: '/', headers: {}, signal: never(), ...more };
}

/** Answers everything at once. */
async function serveAll(peer: Peer): Promise<void> {
  while ((await peer.head()) !== undefined) await peer.answer('200 OK');
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

describe('connections of the wire', function () {
  this.timeout(60_000);

  it('are at most so many, and those that wait get theirs in order', async () => {
    const waiting: Peer[] = [];
    const serve = async (peer: Peer): Promise<void> => {
      while ((await peer.head()) !== undefined) waiting.push(peer);
    };
    await against(serve, async (server) => {
      const wire = server.wire({ connections: 2 });
      const ended: number[] = [];
      const calls = Array.from({ length: 6 }, async (_, nth) => {
        await wire.request(request());
        ended.push(nth);
      });
      for (let served = 0; served < 6; served += 1) {
        await until(() => waiting.length > 0);
        await waiting.shift()?.answer('200 OK');
      }
      await Promise.all(calls);
      assert.deepEqual(ended.toSorted(), [0, 1, 2, 3, 4, 5]);
      assert.ok(ended.indexOf(4) > ended.indexOf(0) && ended.indexOf(5) > ended.indexOf(1));
      assert.equal(server.peers.length, 2);
    });
  });

  it('are not lost to those who stop waiting for one', async () => {
    const held: Peer[] = [];
    const serve = async (peer: Peer): Promise<void> => {
      while ((await peer.head()) !== undefined) held.push(peer);
    };
    await against(serve, async (server) => {
      const wire = server.wire({ connections: 1 });
      const first = wire.request(request());
      const stop = new AbortController();
      const second = wire.request(request('GET', { signal: stop.signal }));
      const third = wire.request(request());
      stop.abort(new Error('no more'));
      await assert.rejects(second, /no more/);
      for (let served = 0; served < 2; served += 1) {
        await until(() => held.length > 0);
        await held.shift()?.answer('200 OK');
      }
      assert.deepEqual([(await first).status, (await third).status], [200, 200]);
    });
  });

  it('are closed when nobody uses them', async () => {
    await against(serveAll, async (server) => {
      const wire = server.wire({ idleMs: 20 });
      await wire.request(request());
      await server.peers[0]?.closed;
      await until(() => wire.connections === 0);
    });
  });

  it('are closed before the server says it closes them', async () => {
    const serve = async (peer: Peer): Promise<void> => {
      while ((await peer.head()) !== undefined) await peer.answer('200 OK', '', 'Keep-Alive: timeout=1\r\n');
    };
    await against(serve, async (server) => {
      const wire = server.wire({ idleMs: 600_000 });
      await wire.request(request());
      await server.peers[0]?.closed;
    });
  });

  it('are dropped when the server closes them, or says something unasked', async () => {
    for (const act of [
      (peer: Peer) => peer.socket.end(),
      (peer: Peer) => peer.socket.resetAndDestroy(),
      (peer: Peer) => peer.write('HTTP/1.1 408 x\r\n\r\n'),
    ]) {
      await against(serveAll, async (server) => {
        const wire = server.wire();
        await wire.request(request());
        assert.equal(wire.connections, 1);
        const [peer] = server.peers;
        assert.ok(peer);
        await act(peer);
        await until(() => wire.connections === 0);
        assert.equal((await wire.request(request())).repeated, false);
      });
    }
  });

  /** Takes a second request on a connection that was used, and closes it without a word: as if it had been closed just before. */
  async function closeAtSecond(peer: Peer, nth: number): Promise<void> {
    await peer.head();
    await peer.answer('200 OK');
    if ((await peer.head()) === undefined) return;
    if (nth > 0) await peer.answer('200 OK');
    else peer.socket.resetAndDestroy();
  }

  it('that were closed while idle are not the fault of a request', async () => {
    await against(closeAtSecond, async (server) => {
      const wire = server.wire();
      await wire.request(request());
      const body = {
        body: async function* () {
          yield await Promise.resolve(Buffer.alloc(5));
        },
        bodySize: 5,
      };
      const { status, repeated } = await wire.request(request('PUT', body));
      assert.deepEqual([status, repeated, server.peers.length], [200, true, 2]);
    });
  });

  it('are not tried again for what must not happen twice', async () => {
    await against(closeAtSecond, async (server) => {
      const wire = server.wire();
      await wire.request(request());
      await failsAs('reset', wire.request(request('POST')));
      assert.equal(server.peers.length, 1);
    });
  });

  it('that are fresh and closed at once are a failure', async () => {
    const serve = async (peer: Peer): Promise<void> => {
      await peer.head();
      peer.socket.resetAndDestroy();
    };
    await against(serve, async (server) => {
      const wire = server.wire();
      await failsAs('reset', wire.request(request()));
      assert.equal(server.peers.length, 1);
    });
  });

  it('are not used again after `Connection: close`', async () => {
    const serve = async (peer: Peer): Promise<void> => {
      await peer.head();
      await peer.answer('200 OK', 'x', 'Connection: close\r\n');
      peer.socket.end();
    };
    await against(serve, async (server) => {
      const wire = server.wire();
      for (let round = 0; round < 3; round += 1) assert.equal((await wire.request(request())).repeated, false);
      assert.equal(server.peers.length, 3);
    });
  });

  it('all end when the client is closed', async () => {
    await against(
      async (peer) => {
        await peer.head();
      },
      async (server) => {
        const wire = server.wire({ connections: 1 });
        const calls = [wire.request(request()), wire.request(request())];
        await until(() => server.peers.length === 1);
        await until(() => wire.connections === 1);
        wire.close();
        await Promise.all(calls.map((call) => assert.rejects(call, { name: 'WireError' })));
        assert.equal(wire.connections, 0);
        await assert.rejects(wire.request(request()), /closed/);
      },
    );
  });
});
