// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AnswerReader, newScratch } from '../../src/wire/answer-reader.js';
import { WireError } from '../../src/wire/wire-error.js';
import { pattern, SEED } from './seed.js';

interface Read {
  readonly status: number | undefined;
  readonly done: boolean;
  readonly received: number;
  readonly body: Buffer;
  readonly open: boolean;
}

/** Feeds an answer in pieces, as a socket does: into the space that the reader names, or as memory of its own. */
function read(
  bytes: Uint8Array,
  options: {
    readonly cuts?: readonly number[];
    readonly into?: Uint8Array;
    readonly method?: string;
    readonly own?: boolean;
  } = {},
): Read {
  const { cuts = [], into, method = 'GET', own = false } = options;
  const reader = new AnswerReader(method, newScratch(), into);
  const ends = [...new Set([...cuts.filter((cut) => cut > 0 && cut < bytes.length), bytes.length])].sort(
    (a, b) => a - b,
  );
  let at = 0;
  for (const end of ends) {
    while (at < end) {
      const space = own ? Buffer.alloc(end - at) : reader.space();
      assert.ok(space.length > 0);
      const piece = bytes.subarray(at, Math.min(end, at + space.length));
      space.set(piece);
      at += piece.length;
      reader.take(space.subarray(0, piece.length));
    }
  }
  const { head, done, received, body, staysOpen: open } = reader;
  return {
    status: head?.status,
    done,
    received,
    body: Buffer.from(into && body.length === 0 ? into.subarray(0, received) : body),
    open,
  };
}

const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
const refused = (text: string, pattern: RegExp, method = 'GET'): void => {
  const isIt = (error: unknown): boolean =>
    error instanceof WireError && error.kind === 'protocol' && pattern.test(error.message);
  assert.throws(() => read(latin(text), { method }), isIt, JSON.stringify(text.slice(0, 80)));
};

describe('reading an answer', () => {
  const body = pattern(300);
  const plain = Buffer.concat([
    latin('HTTP/1.1 206 Partial Content\r\nETag: "x"\r\nContent-Length: 300\r\n\r\n'),
    body,
  ]);
  const chunked = Buffer.concat([
    latin('HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n80;name="va;lue"\r\n'),
    body.subarray(0, 128),
    latin('\r\n0aC\r\n'),
    body.subarray(128),
    latin('\r\n000\r\nTrailer: x\r\n\r\n'),
  ]);
  const continued = Buffer.concat([
    latin('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n'),
    plain,
  ]);

  for (const [name, bytes] of Object.entries({ plain, chunked, continued })) {
    it(`is the same wherever it is split: ${name}`, () => {
      for (const own of [false, true]) {
        for (const withTarget of [false, true]) {
          const into = (): object => (withTarget ? { into: Buffer.alloc(400) } : {});
          const each = Array.from(bytes, (_, at) => at);
          for (const cuts of [[], each, ...each.map((cut) => [cut])]) {
            const { done, body: got, open, received } = read(bytes, { cuts, own, ...into() });
            assert.deepEqual({ done, open, received }, { done: true, open: true, received: 300 });
            assert.ok(got.equals(body));
          }
        }
      }
    });
  }

  it('takes no more than one answer', () => {
    for (const bytes of [plain, chunked]) {
      refused(Buffer.concat([bytes, latin('H')]).toString('latin1'), /more bytes/);
      assert.equal(read(bytes.subarray(0, -1)).done, false);
    }
  });

  it('puts the body of a good answer into the target, and copies nothing once it is on its way', () => {
    const into = Buffer.alloc(400, 0xee);
    const reader = new AnswerReader('GET', newScratch(), into);
    reader.take(plain.subarray(0, -200));
    const space = reader.space();
    assert.equal(space.buffer, into.buffer);
    assert.deepEqual([space.byteOffset - into.byteOffset, space.length], [100, 200]);
    space.set(body.subarray(100));
    reader.take(space);
    assert.ok(reader.done && into.subarray(0, 300).equals(body));
    assert.ok(into.subarray(300).every((byte) => byte === 0xee));
    assert.notEqual(reader.space().buffer, into.buffer);
  });

  it('leaves the target alone for a bad answer', () => {
    const into = Buffer.alloc(10, 0xee);
    const { status, body: text } = read(latin('HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone'), { into });
    assert.deepEqual([status, text.toString()], [404, 'gone']);
    assert.ok(into.every((byte) => byte === 0xee));
  });

  it('has no body after HEAD, 204 and 304, whatever the headers say', () => {
    const of = (status: string, method: string): Read =>
      read(latin(`HTTP/1.1 ${status}\r\nContent-Length: 9\r\n\r\n`), { method });
    for (const answer of [of('200 OK', 'HEAD'), of('204 No Content', 'GET'), of('304 Not Modified', 'GET')])
      assert.deepEqual([answer.done, answer.received, answer.open], [true, 0, true]);
  });

  it('ends a refusal without a length with the connection, and only a refusal', () => {
    const reader = new AnswerReader('GET', newScratch());
    reader.take(latin('HTTP/1.1 503 Slow Down\r\n\r\nwait'));
    assert.equal(reader.done, false);
    reader.end();
    assert.deepEqual([reader.done, reader.staysOpen, Buffer.from(reader.body).toString()], [true, false, 'wait']);
    refused('HTTP/1.1 200 OK\r\n\r\nwhole?', /how long/);
  });

  it('says when the connection ends with it', () => {
    const open = (version: string, header: string): boolean =>
      read(latin(`HTTP/1.${version} 200 OK\r\nContent-Length: 0\r\n${header}\r\n`)).open;
    assert.equal(open('1', ''), true);
    assert.equal(open('1', 'Connection: x, Close\r\n'), false);
    assert.equal(open('0', ''), false);
    assert.equal(open('0', 'Connection: keep-alive\r\n'), true);
  });

  it('refuses what can be read in two ways', () => {
    const good = 'HTTP/1.1 200 OK\r\n';
    refused(`${good}Content-Length: 1\r\nContent-Length: 1\r\n\r\n`, /two headers/);
    refused(`${good}Content-Length: 1, 1\r\n\r\n`, /Content-Length/);
    for (const length of ['-1', '+1', '0x1', '', '1e3', '9'.repeat(16)])
      refused(`${good}Content-Length: ${length}\r\n\r\n`, /Content-Length/);
    refused(`${good}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, /and Content-Length/);
    refused(`${good}Transfer-Encoding: gzip, chunked\r\n\r\n`, /Transfer-Encoding/);
    refused(`${good}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`, /two headers/);
    refused('HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', /Transfer-Encoding/);
    refused(`${good}A: b\r\n folded\r\nContent-Length: 0\r\n\r\n`, /none/);
    refused(`${good}Content-Length : 0\r\n\r\n`, /none/);
    refused(`${good}A: b\nContent-Length: 0\r\n\r\n`, /none/);
    refused(`${good}A: \0\r\n\r\n`, /none/);
    refused(`${good}no colon\r\n\r\n`, /none/);
    for (const first of ['HTTP/2 200 OK', 'HTTP/1.1 600 x', 'HTTP/1.1 20 OK', 'HTTP/1.1  200 OK', 'ICY 200 OK', ''])
      refused(`${first}\r\nContent-Length: 0\r\n\r\n`, /begin/);
    refused('HTTP/1.1 101 Switching Protocols\r\n\r\n', /protocol/);
  });

  it('refuses broken chunks', () => {
    const of = (text: string): string => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text}`;
    for (const size of ['', 'g', '-1', '0x1', '123456789', ' 1']) refused(of(`${size}\r\n`), /size/);
    refused(of('1\r\nab\r\n'), /no end/);
    refused(of('1\r\na\n'), /no end/);
    refused(of('1\n'), /without CR/);
    refused(of('1\rx\n'), /CR/);
    refused(of(`1;${'x'.repeat(5_000)}`), /too long/);
    refused(of(`0\r\n${'a: b\r\n'.repeat(1_000)}`), /too long/);
  });

  it('refuses more than it has room for', () => {
    refused(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(12_000)}`, /65536 bytes/);
    refused(`HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 20 + 1}\r\n\r\n`, /1048576/);
    const endless = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${`8000\r\n${'x'.repeat(0x8000)}\r\n`.repeat(33)}`;
    refused(endless, /1048576/);
    const into = Buffer.alloc(10);
    for (const text of ['Content-Length: 11\r\n\r\n', 'Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n'])
      assert.throws(() => read(latin(`HTTP/1.1 200 OK\r\n${text}`), { into }), /at most 10/);
  });

  it('never breaks in another way, and means the same however it is split', () => {
    const word = fc.constantFrom(
      ...[
        'HTTP/1.1 200 OK\r\n',
        'HTTP/1.1 100 Continue\r\n\r\n',
        'HTTP/1.0 404 x\r\n',
        'Content-Length: 5\r\n',
        '\r\n',
      ],
      ...[
        'Transfer-Encoding: chunked\r\n',
        '5\r\n',
        'hello',
        '0\r\n\r\n',
        '\n',
        '\r',
        ' ',
        ':',
        'A: b\r\n',
        'Connection: close\r\n',
      ],
    );
    const noise = fc.string({ unit: 'binary-ascii', maxLength: 4 });
    const text = fc
      .array(fc.oneof({ weight: 9, arbitrary: word }, noise), { maxLength: 14 })
      .map((words) => words.join(''));
    const outcome = (bytes: Buffer, cuts: readonly number[], into: boolean): unknown => {
      try {
        const result = read(bytes, { cuts, ...(into ? { into: Buffer.alloc(8) } : {}) });
        return { ...result, body: result.body.toString('hex') };
      } catch (error) {
        assert.ok(error instanceof WireError, String(error));
        return error.kind;
      }
    };
    const property = fc.property(text, fc.array(fc.nat(200), { maxLength: 8 }), fc.boolean(), (answer, cuts, into) => {
      const bytes = latin(answer);
      assert.deepEqual(outcome(bytes, cuts, into), outcome(bytes, [], into));
    });
    fc.assert(property, { seed: SEED, numRuns: 3_000 });
  });
});
