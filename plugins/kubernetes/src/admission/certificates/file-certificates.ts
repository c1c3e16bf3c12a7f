// SPDX-License-Identifier: Apache-2.0
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError, type Logger } from '@grit/plugin-api';
import { certificatesOf, isPair, type CertificateSet } from './certificate-set.js';
import { Listeners, type CertificateSource } from './certificate-source.js';

/** Mounted Secrets change by a swapped link, which no watch of files sees reliably. */
const LOOK_MS = 5_000;

export interface FileCertificatesOptions {
  /** Has tls.crt, tls.key and ca.crt, as a mounted Secret of cert-manager does. */
  readonly directory: string;
  /** How often the files are read, in ms; default 5,000. */
  readonly lookMs?: number | undefined;
  readonly logger: Logger;
}

/** Certificates that somebody else makes and renews, for example cert-manager. */
export class FileCertificates implements CertificateSource {
  readonly #options: FileCertificatesOptions;
  readonly #listeners = new Listeners();
  #current: CertificateSet;

  private constructor(options: FileCertificatesOptions, first: CertificateSet) {
    this.#options = options;
    this.#current = first;
  }

  /** Reads the files and follows them until the signal is aborted. Throws GRIT_CONFIG_INVALID when they cannot be used. */
  static async open(options: FileCertificatesOptions, signal: AbortSignal): Promise<FileCertificates> {
    const source = new FileCertificates(options, await read(options.directory));
    const timer = setInterval(() => void source.#look(), options.lookMs ?? LOOK_MS).unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    return source;
  }

  get current(): CertificateSet {
    return this.#current;
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  async renewIfDue(): Promise<void> {
    // Whoever provides them renews them.
  }

  async #look(): Promise<void> {
    const { directory, logger } = this.#options;
    try {
      const next = await read(directory);
      const { cert, key, ca } = this.#current;
      if (next.cert === cert && next.key === key && next.ca === ca) return;
      this.#current = next;
      logger.info('certificate of the webhook changed', { directory });
      this.#listeners.call();
    } catch (error) {
      // In the middle of a change; the next look finds it whole.
      logger.warn('certificate of the webhook cannot be read, the last one is used on', {
        directory,
        error: String(error),
      });
    }
  }
}

async function read(directory: string): Promise<CertificateSet> {
  const hint = `Put tls.crt, tls.key and ca.crt into ${directory}, or set certificates.mode to self-signed.`;
  try {
    const read = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
    // One after the other: of several that are missing the same one is named each time.
    const [cert, key, ca] = [await read('tls.crt'), await read('tls.key'), await read('ca.crt')];
    if (!isPair({ cert, key })) throw new Error('tls.crt and tls.key are no pair of certificate and key');
    if (certificatesOf(ca).length === 0) throw new Error('ca.crt has no certificate');
    return { cert, key, ca };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new GritError('GRIT_CONFIG_INVALID', `certificates.directory: ${why}`, { hint, cause });
  }
}
