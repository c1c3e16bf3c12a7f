// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGritError } from '@grit/plugin-api';
import type { CertificateSet } from '../../../src/admission/certificates/certificate-set.js';
import { FileCertificates } from '../../../src/admission/certificates/file-certificates.js';
import { certificate, quiet } from '../server/some-server.js';

describe('certificates from files', function () {
  this.timeout(60_000);
  let directory: string;
  let end: AbortController;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-certificates-'));
    end = new AbortController();
  });
  afterEach(async () => {
    end.abort();
    await rm(directory, { recursive: true });
  });

  it('are taken anew when they change, and only whole', async () => {
    const [first, next] = [await certificate(), await certificate()];
    await put(first);
    const source = await FileCertificates.open({ directory, lookMs: 10, logger: quiet }, end.signal);
    assert.equal(source.current.cert, first.cert);
    const changed = new Promise<void>((resolve) => source.onChange(resolve));
    // A key of another certificate, as it lies there in the middle of a change.
    await replaceFile('tls.crt', next.cert);
    assert.equal(source.current.cert, first.cert);
    await put(next);
    await changed;
    assert.equal(source.current.cert, next.cert);
    assert.equal(source.current.ca, next.ca);
  });

  for (const [what, files, problem] of [
    ['nothing there', {}, /certificates\.directory: .*tls\.crt/],
    ['no certificate', { 'tls.crt': 'x', 'tls.key': 'x', 'ca.crt': 'x' }, /tls\.crt and tls\.key are no pair/],
  ] as const) {
    it(`${what}: says what must be there`, async () => {
      for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
      await assert.rejects(FileCertificates.open({ directory, logger: quiet }, end.signal), (error) => {
        assert.ok(isGritError(error));
        assert.equal(error.code, 'GRIT_CONFIG_INVALID');
        assert.match(error.message, problem);
        assert.match(error.hint, /Put tls\.crt, tls\.key and ca\.crt into/);
        return true;
      });
    });
  }

  async function put({ cert, key, ca }: CertificateSet): Promise<void> {
    await replaceFile('ca.crt', ca);
    await replaceFile('tls.key', key);
    await replaceFile('tls.crt', cert);
  }

  async function replaceFile(name: string, text: string): Promise<void> {
    await writeFile(join(directory, `.${name}`), text);
    await rename(join(directory, `.${name}`), join(directory, name));
  }
});
