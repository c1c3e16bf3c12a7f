// SPDX-License-Identifier: Apache-2.0
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ConfigIssue, ConfigPath } from './config-issue.js';
import { isSecretReference, type SecretReference } from './secret-reference.js';

const MAX_SECRET_BYTES = 64 * 1024;
const SUFFIX = 'From';

/** The secrets of a configuration: what they are, and how to keep them out of what is shown. */
export class Secrets {
  readonly #values = new Set<string>();

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    /** What a relative file is relative to. */
    private readonly directory: string,
  ) {}

  /** A copy in which `xFrom: { file | env }` has become `x`. What cannot be read becomes an issue. */
  async resolve(value: unknown, path: ConfigPath, issues: ConfigIssue[]): Promise<unknown> {
    if (Array.isArray(value)) {
      return Promise.all(value.map((entry, index) => this.resolve(entry, [...path, String(index)], issues)));
    }
    if (typeof value !== 'object' || value === null) return value;
    const given = value as Record<string, unknown>;
    const entries = Object.entries(given).map(async ([key, entry]): Promise<[string, unknown]> => {
      const here = [...path, key];
      if (!key.endsWith(SUFFIX) || key === SUFFIX || !isSecretReference(entry)) {
        return [key, await this.resolve(entry, here, issues)];
      }
      const target = key.slice(0, -SUFFIX.length);
      if (Object.hasOwn(given, target)) {
        issues.push({ path: here, at: 'key', message: `give either ${target} or ${key}, not both` });
      }
      return [target, await this.#read(entry, here, issues)];
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  /** A copy without any secret: for reports, logs and messages. */
  redact(value: unknown): unknown {
    if (typeof value === 'string') return this.redactText(value);
    if (Array.isArray(value)) return value.map((entry) => this.redact(entry));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, this.redact(entry)]));
  }

  redactText(text: string): string {
    let redacted = text;
    for (const secret of this.#values) {
      // A very short secret would blank out half of every text; it is hidden where it stands alone.
      if (secret === redacted) return '(secret)';
      if (secret.length >= 4) redacted = redacted.replaceAll(secret, '(secret)');
    }
    return redacted;
  }

  async #read(reference: SecretReference, path: ConfigPath, issues: ConfigIssue[]): Promise<string | undefined> {
    const failed = (message: string): undefined => {
      issues.push({ path, message, code: 'GRIT_SECRET_UNREADABLE' });
      return undefined;
    };
    let secret: string | undefined;
    if ('env' in reference) {
      secret = this.env[reference.env];
      if (secret === undefined) {
        failed(`the environment variable ${reference.env} is not set`);
        return;
      }
    } else {
      const file = resolve(this.directory, reference.file);
      try {
        const { size } = await stat(file);
        if (size > MAX_SECRET_BYTES) {
          failed(`${file} is larger than 64 KiB`);
          return;
        }
        secret = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
      } catch (error) {
        failed(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
        return;
      }
    }
    if (secret === '') {
      failed('the secret is empty');
      return;
    }
    this.#values.add(secret);
    return secret;
  }
}
