// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { KeyPair } from './issue.js';

/** What a webhook server needs, and what its callers need to trust it; all PEM. */
export interface CertificateSet extends KeyPair {
  /** The authorities that are trusted, the newest first. */
  readonly ca: string;
}

/** A set that we made ourselves: the key of the newest authority is known. */
export interface OwnCertificateSet extends CertificateSet {
  readonly caKey: string;
}

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificates of a bundle. Throws when one cannot be read. */
export function certificatesOf(bundle: string): X509Certificate[] {
  return (bundle.match(PEM_CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem));
}

/** Whether key and certificate are a pair that a server can use. */
export function isPair({ cert, key }: KeyPair): boolean {
  try {
    const [leaf] = certificatesOf(cert);
    return leaf?.checkPrivateKey(createPrivateKey(key)) ?? false;
  } catch {
    // Half-written files and hand-made Secrets hold anything.
    return false;
  }
}

/** Whether a certificate is for this DNS name or address. */
export function isFor(certificate: X509Certificate, host: string): boolean {
  return (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
}

/** How much of its life is over: 0 at its start, 1 at its end. */
export function lifeOver(certificate: X509Certificate, now: Date): number {
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  return (now.getTime() - from) / (to - from);
}
