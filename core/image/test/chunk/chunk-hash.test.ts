// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { HASH_BYTES, hashOf, WRITE_HASH } from '../../src/chunk/chunk-hash.js';
import { dataPlaneFacts } from '../../src/codec/data-plane-facts.js';

describe('hashes of chunks', () => {
  // The published test vectors of both: nothing, and "abc".
  const vectors = [
    ['sha256', '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['sha256', 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
    ['blake3', '', 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
    ['blake3', 'abc', '6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85'],
  ] as const;
  for (const [name, text, expected] of vectors) {
    it(`are ${name} of "${text}"`, function () {
      if (name === 'blake3' && WRITE_HASH !== 'blake3') this.skip('no blake3 for this platform');
      const hash = hashOf(name, Buffer.from(text));
      assert.equal(hash.length, HASH_BYTES);
      assert.equal(hash.toString('hex'), expected);
    });
  }

  it('are told to the doctor', () => {
    const facts = dataPlaneFacts();
    assert.equal(facts.hash, WRITE_HASH);
    assert.match(facts.zstd, /^\d+\.\d+/);
  });

  it('are sha256 where there is no blake3, and images with blake3 cannot be read there', function () {
    this.timeout(120_000);
    const script = fileURLToPath(new URL('bare-machine.ts', import.meta.url));
    const options = { encoding: 'utf8', env: { ...process.env, GRIT_NATIVE: '0' } } as const;
    const { stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script], options);
    assert.match(stdout, /^\{/, stderr);
    const { hash, native, code } = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual({ hash, native, code }, { hash: 'sha256', native: false, code: 'GRIT_UNSUPPORTED' });
  });
});
