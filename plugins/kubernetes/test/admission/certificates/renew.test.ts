// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { certificatesOf, type OwnCertificateSet } from '../../../src/admission/certificates/certificate-set.js';
import { LIMITS, renew, type RenewalOptions } from '../../../src/admission/certificates/renew.js';

const HOSTS = ['127.0.0.1', 'localhost', 'grit-webhook.grit-system.svc'];
const DAY_MS = 24 * 60 * 60 * 1000;
const START = new Date();

describe('certificates of the webhook', () => {
  let first: OwnCertificateSet;

  before(async () => {
    first = (await renew(undefined, at(0)))!;
  });

  it('are trusted by whoever has the bundle, under each name', async () => {
    const server = createServer({ cert: first.cert, key: first.key }, (_, response) => response.end('ok')).listen(0);
    await once(server, 'listening');
    try {
      for (const name of HOSTS) assert.equal(await fetchFrom(server, first.ca, name), 200);
      const other = (await renew(undefined, at(0)))!;
      await assert.rejects(fetchFrom(server, other.ca, 'localhost'), /certificate/);
    } finally {
      server.close();
    }
  });

  it('live for 90 days below an authority of one year', () => {
    const [leaf] = certificatesOf(first.cert);
    const [authority] = certificatesOf(first.ca);
    assert.equal(Math.round((leaf!.validToDate.getTime() - START.getTime()) / DAY_MS), 90);
    assert.equal(Math.round((authority!.validToDate.getTime() - START.getTime()) / DAY_MS), 365);
    assert.ok(authority!.ca && !leaf!.ca);
    assert.ok(leaf!.validFromDate < START, 'a clock that is behind must not refuse it');
  });

  it('stay while they are good', async () => {
    assert.equal(await renew(first, at(1)), undefined);
    assert.equal(await renew(first, at(55)), undefined);
  });

  it('the leaf is renewed after two thirds of its life, by the same authority', async () => {
    const next = (await renew(first, at(61)))!;
    assert.equal(next.ca, first.ca);
    assert.notEqual(next.cert, first.cert);
    assert.ok(isIssuedBy(next.cert, certificatesOf(first.ca)[0]!));
  });

  it('a name more needs a new leaf', async () => {
    const next = (await renew(first, { ...at(1), hosts: [...HOSTS, '10.0.0.1'] }))!;
    assert.ok(new X509Certificate(next.cert).checkIP('10.0.0.1'));
  });

  it('a new authority is known first, signs later, and the old one stays trusted', async () => {
    const leaf = (await renew(first, at(230)))!;
    const published = (await renew(leaf, at(245)))!;
    assert.equal(published.cert, leaf.cert, 'the old leaf is served on');
    const [newest, old, ...rest] = certificatesOf(published.ca);
    assert.equal(rest.length, 0);
    assert.equal(old!.fingerprint256, certificatesOf(first.ca)[0]!.fingerprint256);
    assert.equal(await renew(published, at(245)), undefined, 'not settled');
    const signed = (await renew(published, at(245.1)))!;
    assert.equal(signed.ca, published.ca);
    assert.ok(isIssuedBy(signed.cert, newest!));
    assert.equal(await renew(signed, at(246)), undefined);
  });

  it('can be renewed when somebody wants it', async () => {
    assert.notEqual((await renew(first, { ...at(1), force: 'leaf' }))!.cert, first.cert);
    const published = (await renew(first, { ...at(1), force: 'authority' }))!;
    assert.equal(certificatesOf(published.ca).length, 2);
  });

  it('a lost set is made anew, and what was trusted stays so', async () => {
    const anew = (await renew(undefined, { ...at(1), alsoTrusted: first.ca }))!;
    assert.equal(certificatesOf(anew.ca).length, 2);
    assert.equal(certificatesOf(anew.ca)[1]!.fingerprint256, certificatesOf(first.ca)[0]!.fingerprint256);
  });

  for (const [what, damage] of Object.entries({
    'a key that is none': { key: 'x' },
    'no certificate': { cert: '' },
    'an unreadable authority': { ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
    'another authority key': { caKey: '' },
  })) {
    it(`${what}: made anew`, async () => {
      const anew = (await renew({ ...first, ...damage }, at(1)))!;
      assert.notEqual(anew.cert, first.cert);
      assert.ok(isIssuedBy(anew.cert, certificatesOf(anew.ca)[0]!));
    });
  }

  it('an authority that has expired is trusted no more', async () => {
    const anew = (await renew(first, at(366)))!;
    assert.equal(certificatesOf(anew.ca).length, 1);
  });
});

function at(days: number): RenewalOptions {
  return { hosts: HOSTS, now: new Date(START.getTime() + days * DAY_MS), limits: LIMITS };
}

function isIssuedBy(cert: string, authority: X509Certificate): boolean {
  const leaf = new X509Certificate(cert);
  return leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
}

function fetchFrom(server: Server, ca: string, servername: string): Promise<number | undefined> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, ca, agent: false as const };
    const named = servername === '127.0.0.1' ? options : { ...options, servername };
    get(named, (response) => resolve(response.resume().statusCode)).on('error', reject);
  });
}
