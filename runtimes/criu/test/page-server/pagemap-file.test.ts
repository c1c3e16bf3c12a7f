// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PagemapFile } from '../../src/page-server/pagemap-file.js';

const HEAD = '19435654 25400856 02000000 0801';

describe('a pagemap', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-pagemap-'));
  });
  afterEach(async () => rm(directory, { recursive: true, force: true }));

  it('counts pages in the new field for CRIU 4.2', async () => {
    const path = join(directory, 'pagemap-1.img');
    const file = new PagemapFile(path, 1, true);
    file.add(0x400000, 300, 4);
    await file.end();
    assert.equal((await readFile(path)).toString('hex'), hex(`${HEAD} 0c000000 0880808002 1000 2004 28ac02`));
  });

  it('counts pages in the old field for CRIU 4.1', async () => {
    const path = join(directory, 'pagemap-1.img');
    const file = new PagemapFile(path, 1, false);
    file.add(0x400000, 300, 6);
    await file.end();
    assert.equal((await readFile(path)).toString('hex'), hex(`${HEAD} 0a000000 0880808002 10ac02 2006`));
  });

  it('has exact addresses up to the end of user memory, and all of its entries', async () => {
    const path = join(directory, 'pagemap-1.img');
    const file = new PagemapFile(path, 1, true);
    const count = 20_000;
    const address = 2 ** 57 - 4096;
    for (let index = 0; index < count; index++) file.add(address, 1, 4);
    await file.end();
    await file.end();
    // 2^57 - 2^12: twelve zero bits, then ones; seven bits a byte.
    const entry = '10000000 0880e0ffffffffffff01 1000 2004 2801';
    assert.ok((await readFile(path)).equals(Buffer.from(hex(HEAD) + hex(entry).repeat(count), 'hex')));
  });

  it('tells at its end that it could not be written', async () => {
    const file = new PagemapFile(join(directory, 'missing', 'pagemap-1.img'), 1, true);
    file.add(4096, 1, 4);
    await assert.rejects(file.end(), { code: 'ENOENT' });
  });
});

function hex(text: string): string {
  return text.replaceAll(' ', '');
}
