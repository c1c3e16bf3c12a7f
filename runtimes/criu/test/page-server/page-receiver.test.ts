// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isGritError, PAGE_BYTES } from '@grit/plugin-api';
import fc from 'fast-check';
import { PageReceiver } from '../../src/page-server/page-receiver.js';
import { headerLayout } from '../../src/page-server/protocol.js';
import { CriuStream, keyOf } from './criu-stream.js';
import { ListSink } from './list-sink.js';
import { SEED } from './seed.js';

const RUNS = Number(process.env.GRIT_RUNS ?? 60);
const ROOM = 64 * 1024;

interface Heard {
  readonly pagemaps: Map<string, string[]>;
  readonly answers: number[];
  goodbyes: number;
}

describe('what CRIU streams', () => {
  for (const version of ['4.1.1', '4.2']) {
    it(`is taken apart the same way however it is cut (CRIU ${version})`, () => {
      const cuts = fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 40 });
      const runs = fc.array(fc.tuple(fc.nat({ max: 1 << 20 }), fc.integer({ min: 1, max: 20 })), { maxLength: 6 });
      const targets = fc.array(fc.tuple(fc.constantFrom(1, 2), runs), { minLength: 1, maxLength: 4 });
      const rooms = fc.integer({ min: ROOM, max: 2 * ROOM });
      fc.assert(
        fc.property(targets, cuts, rooms, fc.integer({ min: 2, max: 9 }), (given, pieces, roomBytes, hungryEvery) => {
          const stream = new CriuStream(version === '4.2');
          const bytes = [];
          const pages: string[] = [];
          const parts = new Map<string, Buffer>();
          for (const [index, [type, list]] of given.entries()) {
            const name = `criu/pages-${index + 1}.img`;
            bytes.push(stream.open(index + 7, type));
            const data = list.map(([first, count]) => stream.pages(index + 7, first, count, type));
            bytes.push(...data);
            for (const [first, count] of list) {
              for (let page = first; page < first + count; page++) pages.push(`${name} ${page * PAGE_BYTES}`);
            }
            parts.set(name, Buffer.concat(data.map((run) => run.subarray(version === '4.2' ? 32 : 24))));
          }
          bytes.push(stream.goodbye());
          let asked = 0;
          const sink = new ListSink(
            () => roomBytes,
            () => ++asked % hungryEvery === 0,
          );
          const { receiver, heard } = receiverOf(sink, version);
          feed(receiver, Buffer.concat(bytes), pieces);
          assert.equal(receiver.closed, true);
          assert.deepEqual(sink.addresses, pages);
          assert.deepEqual([...sink.parts], [...parts]);
          assert.deepEqual(
            receiver.parts,
            [...parts].map(([name, { length }]) => ({ name, size: length })),
          );
          assert.equal(receiver.bytes, pages.length * PAGE_BYTES);
          assert.deepEqual(
            heard.answers,
            given.map(() => 1),
          );
          assert.equal(heard.goodbyes, 1);
          assert.deepEqual(
            [...heard.pagemaps],
            given.map(([type, list], index) => [
              `pagemap-${type === 1 ? '' : 'shmem-'}${index + 7}.img ${index + 1}`,
              list.map(([first, count]) => `${first * PAGE_BYTES} ${count} 4`),
            ]),
          );
        }),
        { seed: SEED, numRuns: RUNS },
      );
    });
  }

  const wide = new CriuStream(true);
  const opened = wide.open(1);
  const refused: readonly (readonly [string, readonly Buffer[]])[] = [
    ['an unknown command', [opened, wide.command(99)]],
    ['a command of the lazy protocol', [wide.command(7, 1n, 0n, keyOf(1))]],
    ['a hole that is in a parent', [opened, wide.command(2, 1n, 0n, keyOf(1))]],
    ['pages that are in a parent', [opened, wide.command(6 | (1 << 16), 1n, 0n, keyOf(1))]],
    ['pages that do not follow', [opened, wide.command(6 | (2 << 16), 1n, 0n, keyOf(1))]],
    ['an unknown flag', [opened, wide.command(6 | (12 << 16), 1n, 0n, keyOf(1))]],
    ['flags at another command', [wide.command(4 | (4 << 16), 0n, 0n, keyOf(1))]],
    ['an unknown type', [wide.command(4, 0n, 0n, keyOf(1, 3))]],
    ['no pages', [opened, wide.command(6 | (4 << 16), 0n, 0n, keyOf(1))]],
    ['too many pages', [opened, wide.command(6 | (4 << 16), 2n ** 52n, 0n, keyOf(1))]],
    ['an address that is none of a page', [opened, wide.command(6 | (4 << 16), 1n, 4097n, keyOf(1))]],
    ['an address in the kernel', [opened, wide.command(6 | (4 << 16), 1n, 2n ** 63n, keyOf(1))]],
    ['pages that were not announced', [wide.pages(1, 1, 1)]],
    ['pages of another process', [opened, wide.pages(2, 1, 1)]],
    ['a process twice', [opened, wide.open(2), wide.open(1)]],
    ['something after the goodbye', [opened, wide.goodbye(), wide.open(2)]],
  ];
  for (const [what, bytes] of refused) {
    it(`is refused: ${what}`, () => {
      const { receiver } = receiverOf(new ListSink(() => ROOM), '4.2');
      assert.throws(
        () => feed(receiver, Buffer.concat(bytes), [ROOM]),
        (error) => isGritError(error) && error.code === 'GRIT_DUMP_FAILED',
      );
    });
  }

  it('is answered: no parent, in four bytes; nothing for an old open', () => {
    const { receiver, heard } = receiverOf(new ListSink(() => ROOM), '4.2');
    feed(receiver, Buffer.concat([wide.command(5, 0n, 0n, keyOf(1)), wide.command(3, 0n, 0n, keyOf(1))]), [7]);
    assert.deepEqual(heard.answers, [4]);
  });
});

function receiverOf(sink: ListSink, version: string): { readonly receiver: PageReceiver; readonly heard: Heard } {
  const heard: Heard = { pagemaps: new Map(), answers: [], goodbyes: 0 };
  const receiver = new PageReceiver(sink, headerLayout(version), {
    answer: (bytes) => {
      assert.ok(bytes.every((byte) => byte === 0));
      heard.answers.push(bytes.length);
    },
    closed: () => heard.goodbyes++,
    openPagemap: ({ file }, pagesId) => {
      const entries: string[] = [];
      heard.pagemaps.set(`${file} ${pagesId}`, entries);
      return { add: (address, pages, flags) => entries.push(`${address} ${pages} ${flags}`) };
    },
  });
  return { receiver, heard };
}

/** Reads of these lengths, again and again; never more than there is room for. */
function feed(receiver: PageReceiver, bytes: Buffer, pieces: readonly number[]): void {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const space = receiver.space();
    if (space === undefined) continue;
    const count = Math.min(pieces[turn % pieces.length] ?? 1, space.length, bytes.length - at);
    space.set(bytes.subarray(at, at + count));
    receiver.received(count);
    at += count;
  }
}
