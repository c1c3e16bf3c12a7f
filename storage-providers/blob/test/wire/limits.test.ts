// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { WireRequest } from '../../src/wire/wire-request.js';
import { Wire } from '../../src/wire/wire.js';
import { failsAs } from './fails-as.js';
import { against, type Peer } from './raw-server.js';
import { never, pattern } from './seed.js';

function request(method: string, more: Partial<WireRequest> = {}): WireRequest {
  return { method, path: '/', headers: {}, signal: never(), ...more };
}

async function deaf(peer: Peer): Promise<void> {
  await peer.head();
  await peer.closed;
}

describe('limits of the wire', function () {
  this.timeout(60_000);

  it('end a request that gets no answer', async () => {
    await against(deaf, async (server) => {
      const wire = server.wire({ firstByteMs: 30 });
      const error = await failsAs('stall', wire.request(request('PUT', { body: Buffer.alloc(10) })));
      assert.deepEqual([error.sent, error.received, wire.connections], [10, 0, 0]);
    });
  });

  it('end an answer that does not go on', async () => {
    const serve = async (peer: Peer): Promise<void> => {
      await peer.head();
      await peer.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc');
      await peer.closed;
    };
    await against(serve, async (server) => {
      const wire = server.wire({ stallMs: 30 });
      const error = await failsAs('stall', wire.request(request('GET')));
      assert.deepEqual([error.received, wire.connections], [3, 0]);
    });
  });

  it('end a body that the server does not read', async () => {
    await against(deaf, async (server) => {
      const wire = server.wire({ stallMs: 200 });
      const body = pattern(64 * 1024 * 1024);
      const error = await failsAs('stall', wire.request(request('PUT', { body })));
      assert.ok(error.sent < body.length);
    });
  });

  it('do not count the time that the body takes to be made', async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<undefined>();
    const serve = async (peer: Peer): Promise<void> => {
      await peer.head();
      await peer.bytes(4);
      // The client has been waiting for its own body since; three of its limits go by.
      setTimeout(() => ask(undefined), 90);
      await peer.bytes(6);
      await peer.answer('200 OK');
    };
    await against(serve, async (server) => {
      const wire = server.wire({ stallMs: 30, firstByteMs: 30_000 });
      const body = async function* (): AsyncGenerator<Uint8Array> {
        yield Buffer.alloc(4);
        await asked;
        yield Buffer.alloc(6);
      };
      assert.equal((await wire.request(request('PUT', { body, bodySize: 10 }))).status, 200);
    });
  });

  it('tell a connection that is refused', async () => {
    let target: Wire['target'] | undefined;
    await against(deaf, async (server) => {
      await Promise.resolve();
      target = server.target;
    });
    assert.ok(target);
    const wire = new Wire(target);
    await failsAs('connect', wire.request(request('GET')));
    assert.equal(wire.connections, 0);
    await failsAs('connect', new Wire({ ...target, host: 'no.such.host.invalid' }).request(request('GET')));
  });

  it('end a connection that does not come about', async () => {
    // Takes the connection and never says a word of TLS.
    await against(
      (peer) => void peer.socket.resume(),
      async (server) => {
        const wire = new Wire({ ...server.target, secure: true }, { connectMs: 50 });
        await failsAs('connect', wire.request(request('GET')));
        await Promise.all(server.peers.map(({ closed }) => closed));
      },
    );
  });

  it('an abort ends it in every phase, and leaves no socket', async () => {
    const phases: Record<
      string,
      { readonly serve: (peer: Peer) => Promise<void>; readonly more?: Partial<WireRequest> }
    > = {
      'waiting for an answer': { serve: deaf },
      'waiting for the question': { serve: deaf, more: { body: Buffer.alloc(10), expectContinue: true } },
      sending: { serve: deaf, more: { body: pattern(64 * 1024 * 1024) } },
      'waiting for the body': {
        serve: deaf,
        more: {
          bodySize: 5,
          body: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => undefined) }) }),
        },
      },
      receiving: {
        serve: async (peer) => {
          await peer.head();
          await peer.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc');
          await peer.closed;
        },
      },
    };
    for (const [phase, { serve, more }] of Object.entries(phases)) {
      await against(serve, async (server) => {
        const wire = server.wire({ continueMs: 60_000 });
        const stop = new AbortController();
        const call = wire.request(request('PUT', { ...more, signal: stop.signal }));
        while (server.peers.length === 0) await new Promise(setImmediate);
        stop.abort(new Error('stop'));
        await assert.rejects(call, /^Error: stop/, phase);
        assert.equal(wire.connections, 0, phase);
        // It hears of the end only when it reads.
        for (const peer of server.peers) while ((await peer.bytes(65_536)).length > 0);
        await Promise.all(server.peers.map(({ closed }) => closed));
      });
    }
  });

  it('an abort before the start sends nothing', async () => {
    await against(deaf, async (server) => {
      const wire = server.wire();
      await assert.rejects(wire.request(request('GET', { signal: AbortSignal.abort(new Error('early')) })), /early/);
      assert.equal(server.peers.length, 0);
    });
  });
});
