// SPDX-License-Identifier: Apache-2.0
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError, type Json, type JsonObject, type NodeStore } from '@grit/plugin-api';
import type { CheckpointStoreSpec, SecretKey } from '../api/checkpoint-store.js';
import { isReference, isSecretKey, NAME_OF_KEY, NAME_OF_SECRET } from '../api/secret-key.js';

const MOST_BYTES = 64 * 1024;

/**
 * The Secrets that stores refer to, as the kubelet has mounted them for the agent: a folder for each, with a file for each key. Read anew for
 * each step, so that a Secret that was changed counts. The agent needs no right to read Secrets, and a store can name no other file.
 */
export class StoreSecrets {
  /** @param directory - where they are mounted; undefined: none are */
  constructor(private readonly directory: string | undefined) {}

  /** A copy in which `xFrom: { secret }` has become `x`. Errors: GRIT_CONFIG_INVALID, GRIT_SECRET_UNREADABLE. */
  async resolve(config: JsonObject): Promise<JsonObject> {
    return (await this.#resolve(config, 'spec.config')) as JsonObject;
  }

  /** The keys of the store as texts. Errors: those of {@link resolve}. */
  async keysOf({ encryption }: CheckpointStoreSpec): Promise<NodeStore['encryption']> {
    if (encryption === undefined) return undefined;
    const { current, keys } = encryption;
    const texts = keys.map(async ({ id, keyFrom }) => [id, await this.#read(keyFrom, `spec.encryption.keys ${id}`)]);
    return { current, keys: Object.fromEntries(await Promise.all(texts)) as Readonly<Record<string, string>> };
  }

  async #resolve(value: Json, path: string): Promise<Json> {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value))
      return Promise.all(value.map((item: Json, index) => this.#resolve(item, `${path}[${index}]`)));
    const given = value as JsonObject;
    const entries = Object.entries<Json | undefined>(given).map(
      async ([key, entry = null]): Promise<[string, Json]> => {
        const here = `${path}.${key}`;
        if (!isReference(key, entry)) return [key, await this.#resolve(entry, here)];
        const target = key.slice(0, -'From'.length);
        if (!isSecretKey(entry)) throw invalid(here, 'expected { secret: { name, key } }');
        if (Object.hasOwn(given, target)) throw invalid(here, `give either ${target} or ${key}, not both`);
        return [target, await this.#read(entry, here)];
      },
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  async #read({ secret: { name, key } }: SecretKey, path: string): Promise<string> {
    if (!NAME_OF_SECRET.test(name)) throw invalid(path, `${JSON.stringify(name)} is no name of a Secret`);
    if (!NAME_OF_KEY.test(key)) throw invalid(path, `${JSON.stringify(key)} is no key of a Secret`);
    if (this.directory === undefined) throw unreadable(path, name, 'no Secrets are mounted in the agents');
    const file = join(this.directory, name, key);
    try {
      const { size } = await stat(file);
      if (size > MOST_BYTES) throw unreadable(path, name, `its key ${key} has more than 64 KiB`);
      const text = (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
      if (text === '') throw unreadable(path, name, `its key ${key} is empty`);
      return text;
    } catch (error) {
      if (error instanceof GritError) throw error;
      throw unreadable(path, name, `its key ${key} is not among the files of the agent`, error);
    }
  }
}

function invalid(path: string, what: string): GritError {
  return new GritError('GRIT_CONFIG_INVALID', `CheckpointStore: ${path}: ${what}`);
}

function unreadable(path: string, secret: string, what: string, cause?: unknown): GritError {
  return new GritError('GRIT_SECRET_UNREADABLE', `CheckpointStore: ${path}: Secret ${secret}: ${what}`, {
    hint: `Make the Secret in the namespace of the agents and name it in agent.storeSecrets of the chart.`,
    cause,
  });
}
