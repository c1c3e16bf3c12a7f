// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import { SECRETS } from '../../api/core-kinds.js';
import { KubeError } from '../../kit/kube-error.js';
import type { KubeClient, ObjectRef } from '../../kit/kube-client.js';
import { isPair, type OwnCertificateSet } from './certificate-set.js';
import { Listeners, type CertificateSource } from './certificate-source.js';
import { renew, type CertificateLimits } from './renew.js';
import { secretOf, setOf } from './secret-data.js';

const LOOK_MS = 5_000;

export interface SecretCertificatesOptions {
  readonly client: KubeClient;
  readonly secret: ObjectRef & { readonly namespace: string };
  /** Names and addresses under which API servers reach the webhook. */
  readonly hosts: readonly string[];
  readonly limits: CertificateLimits;
  /** How often the Secret is read, in ms; default 5,000. */
  readonly lookMs?: number | undefined;
  readonly clock: () => Date;
  readonly logger: Logger;
}

/** Certificates that we make ourselves and keep in a Secret, from which every replica takes them. */
export class SecretCertificates implements CertificateSource {
  readonly #options: SecretCertificatesOptions;
  readonly #listeners = new Listeners();
  #current: OwnCertificateSet;
  #lost = false;

  private constructor(options: SecretCertificatesOptions, first: OwnCertificateSet) {
    this.#options = options;
    this.#current = first;
  }

  /** Reads the Secret, or makes it, and follows it until the signal is aborted. Throws KubeErrors. */
  static async open(options: SecretCertificatesOptions, signal: AbortSignal): Promise<SecretCertificates> {
    const source = new SecretCertificates(options, await renewed(options, {}, signal));
    source.#follow(signal);
    return source;
  }

  get current(): OwnCertificateSet {
    return this.#current;
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  async renewIfDue(signal: AbortSignal): Promise<void> {
    const { hosts, limits, clock } = this.#options;
    if (!this.#lost && (await renew(this.#current, { hosts, limits, now: clock() })) === undefined) return;
    this.#adopt(await renewed(this.#options, { alsoTrusted: this.#current.ca }, signal));
    this.#lost = false;
  }

  /** Renews whatever the age. A new authority signs after it has settled, or when a leaf is wanted then. */
  async renewNow(force: 'authority' | 'leaf', signal: AbortSignal): Promise<void> {
    this.#adopt(await renewed(this.#options, { force, alsoTrusted: this.#current.ca }, signal));
  }

  /** A read now and then: it needs no right to watch Secrets, and old and new certificates overlap for long. */
  #follow(signal: AbortSignal): void {
    const timer = setInterval(() => void this.#look(signal), this.#options.lookMs ?? LOOK_MS).unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { client, secret: ref, logger } = this.#options;
    try {
      const secret = await client.find(SECRETS, ref, signal);
      const set = secret === undefined ? undefined : setOf(secret);
      if (set !== undefined && isPair(set)) {
        this.#lost = false;
        this.#adopt(set);
      } else {
        this.#lose();
      }
    } catch (error) {
      if (!signal.aborted) logger.debug('Secret of the certificate not read', { error: String(error) });
    }
  }

  /** The leader makes it anew; what we have works until then. */
  #lose(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#options.logger.warn('Secret of the certificate is lost or damaged');
    this.#listeners.call();
  }

  #adopt(set: OwnCertificateSet): void {
    const { cert, ca } = this.#current;
    if (set.cert === cert && set.ca === ca) return;
    this.#current = set;
    this.#options.logger.info('certificate of the webhook changed');
    this.#listeners.call();
  }
}

/** The set in the Secret, renewed if it is due. Of several that try at once one wins, and all use its set. */
async function renewed(
  { client, secret: ref, hosts, limits, clock }: SecretCertificatesOptions,
  wish: { readonly force?: 'authority' | 'leaf'; readonly alsoTrusted?: string },
  signal: AbortSignal,
): Promise<OwnCertificateSet> {
  for (;;) {
    signal.throwIfAborted();
    const secret = await client.find(SECRETS, ref, signal);
    const current = secret === undefined ? undefined : setOf(secret);
    const next = await renew(current, { hosts, limits, now: clock(), ...wish });
    if (next === undefined && current !== undefined) return current;
    if (next === undefined) continue;
    try {
      if (secret === undefined) await client.create(SECRETS, secretOf(ref, next), {}, signal);
      else await client.replace(SECRETS, { ...secret, ...secretOf(ref, next), metadata: secret.metadata }, {}, signal);
      return next;
    } catch (error) {
      if (error instanceof KubeError && (error.isConflict || error.isAlreadyExists || error.isNotFound)) {
        if (error.isNotFound && secret === undefined) throw error;
        continue;
      }
      throw error;
    }
  }
}
