// SPDX-License-Identifier: Apache-2.0
import type { X509Certificate } from 'node:crypto';
import { BACKDATED_MS, issueAuthority, issueLeaf, type KeyPair } from './issue.js';
import { certificatesOf, isFor, isPair, lifeOver, type OwnCertificateSet } from './certificate-set.js';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** When certificates are renewed. All in ms. */
export interface CertificateLimits {
  readonly authorityMs: number;
  readonly leafMs: number;
  /** A new authority signs only after every API server and replica had so long to hear of it. */
  readonly settleMs: number;
}

/** A year, ninety days, ten minutes. */
export const LIMITS: CertificateLimits = { authorityMs: 365 * DAY_MS, leafMs: 90 * DAY_MS, settleMs: 10 * MINUTE_MS };

/** Certificates are renewed when this part of their life is over. */
const RENEW_AT = 2 / 3;

/** The new one, and the one that signed what is still in use. */
const AUTHORITIES_KEPT = 2;

/** What there is now, for whom it must be, and what else is still trusted somewhere. */
export interface RenewalOptions {
  readonly hosts: readonly string[];
  readonly now: Date;
  readonly limits: CertificateLimits;
  /** Renews it whatever its age; a leaf even by an authority that has not settled. */
  readonly force?: 'authority' | 'leaf' | undefined;
  /** A bundle that a server may still stand on though the set was lost. */
  readonly alsoTrusted?: string | undefined;
}

/**
 * The set that is to follow; undefined when the current one is good. A new authority is published beside the old one first, and signs only when it has
 * settled: at no moment does a server show a certificate that its callers do not trust.
 */
export async function renew(
  current: OwnCertificateSet | undefined,
  options: RenewalOptions,
): Promise<OwnCertificateSet | undefined> {
  const { now, limits, force } = options;
  const usable = current !== undefined && isUsable(current, now) ? current : undefined;
  const authorities = authoritiesOf(usable?.ca ?? '', options);
  const newest = authorities[0];
  if (usable === undefined || newest === undefined) return startAnew(authorities, options);
  if (force === 'authority' || lifeOver(newest, now) >= RENEW_AT) {
    const authority = await issueAuthority({ now, lifetimeMs: limits.authorityMs });
    return { ...usable, ca: bundle(authority, authorities), caKey: authority.key };
  }
  if (!leafIsDue(usable, newest, options)) return undefined;
  const authority: KeyPair = { cert: newest.toString(), key: usable.caKey };
  return { ...usable, ...(await issueLeaf(authority, options.hosts, { now, lifetimeMs: limits.leafMs })) };
}

async function startAnew(others: readonly X509Certificate[], options: RenewalOptions): Promise<OwnCertificateSet> {
  const { now, limits, hosts } = options;
  const authority = await issueAuthority({ now, lifetimeMs: limits.authorityMs });
  const leaf = await issueLeaf(authority, hosts, { now, lifetimeMs: limits.leafMs });
  return { ...leaf, ca: bundle(authority, others), caKey: authority.key };
}

function leafIsDue(set: OwnCertificateSet, newest: X509Certificate, options: RenewalOptions): boolean {
  const { hosts, now, limits, force } = options;
  const [leaf] = certificatesOf(set.cert);
  if (leaf === undefined || leaf.validToDate <= now || !hosts.every((host) => isFor(leaf, host))) return true;
  const settled = now.getTime() - newest.validFromDate.getTime() >= BACKDATED_MS + limits.settleMs;
  const ofNewest = leaf.checkIssued(newest);
  if (force === 'leaf') return true;
  return ofNewest ? lifeOver(leaf, now) >= RENEW_AT : settled;
}

/** Whether the set can be gone on from: its pairs are pairs and its authority is valid. */
function isUsable(set: OwnCertificateSet, now: Date): boolean {
  try {
    const [newest] = certificatesOf(set.ca);
    if (newest === undefined || newest.validToDate <= now) return false;
    return isPair(set) && isPair({ cert: newest.toString(), key: set.caKey });
  } catch {
    return false;
  }
}

function authoritiesOf(ca: string, { now, alsoTrusted = '' }: RenewalOptions): X509Certificate[] {
  const known = new Map<string, X509Certificate>();
  for (const certificate of [...certificatesOf(ca), ...readable(alsoTrusted)]) {
    if (certificate.validToDate > now) known.set(certificate.fingerprint256, certificate);
  }
  return [...known.values()];
}

function readable(text: string): X509Certificate[] {
  try {
    return certificatesOf(text);
  } catch {
    return [];
  }
}

function bundle(authority: KeyPair, others: readonly X509Certificate[]): string {
  return [authority.cert, ...others.map((other) => other.toString())].slice(0, AUTHORITIES_KEPT).join('');
}
