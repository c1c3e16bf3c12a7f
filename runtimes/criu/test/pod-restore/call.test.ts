// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatAnswer, parseRequest } from '../../src/pod-restore/call.js';

const SEED = Number(process.env.GRIT_SEED ?? 20_261);
const ID = 'a'.repeat(64);

describe('calls of the wrapper', () => {
  it('what the wrapper writes is read', () => {
    const bundle = `/run/containerd/tasks/${ID}`;
    assert.deepEqual(parseRequest(ID, `grit-call 1\n42\n${bundle}\n`), { id: ID, pid: 42, bundle });
  });

  it('anything else is refused', () => {
    const good = ['grit-call 1', '42', `/run/${ID}`, ''];
    const bad: readonly (readonly [id: string, lines: readonly string[]])[] = [
      ['../x', ['grit-call 1', '42', '/run/../x', '']],
      ['.', ['grit-call 1', '42', '/run/.', '']],
      [ID, good.with(0, 'grit-call 2')],
      [ID, good.with(1, '0')],
      [ID, good.with(1, '4 2')],
      [ID, good.with(1, '-1')],
      [ID, good.with(2, `run/${ID}`)],
      [ID, good.with(2, `/run/x/../${ID}`)],
      [ID, good.with(2, '/run/another')],
      [ID, [...good.slice(0, 3), 'more', '']],
      [ID, good.slice(0, 3)],
      [ID, []],
    ];
    for (const [id, lines] of bad) {
      const code = { code: 'GRIT_REQUEST_INVALID' };
      assert.throws(() => parseRequest(id, lines.join('\n')), code, JSON.stringify(lines));
    }
  });

  it('whatever is accepted is safe in paths', () => {
    const word = fc.oneof(fc.constantFrom('grit-call 1', '7', '/run/x', 'x', '..', '/', '\0'), fc.string());
    const property = fc.property(word, fc.array(word), (id, lines) => {
      let call;
      try {
        call = parseRequest(id, lines.join('\n'));
      } catch (error) {
        assert.equal((error as { readonly code?: string }).code, 'GRIT_REQUEST_INVALID');
        return;
      }
      assert.match(call.id, /^[\w-][\w.-]*$/);
      assert.ok(call.bundle.startsWith('/') && call.bundle.endsWith(`/${call.id}`) && !call.bundle.includes('..'));
      assert.ok(Number.isInteger(call.pid) && call.pid > 0);
    });
    fc.assert(property, { seed: SEED, numRuns: 2_000 });
  });

  it('a message stays in one line, as a string of JSON', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (message) => {
        const lines = formatAnswer({ do: 'fail', message }).split('\n');
        assert.equal(lines.length, 3);
        assert.equal(JSON.parse(lines[1] ?? ''), `GRIT: ${message}`);
      }),
      { seed: SEED },
    );
    const path = { do: 'restore', images: '/a\nfail', work: '/w', path: '' } as const;
    assert.throws(() => formatAnswer(path), { code: 'GRIT_INTERNAL' });
  });
});
