// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { timedRun, type Run } from './timed-run.js';

const COMMAND = join(import.meta.dirname, 'store-command.ts');

/** A run of our own store. */
export interface StoreRun extends Run {
  /** Bytes of the image, and those that it added to the store. */
  readonly size: number;
  readonly stored: number;
  readonly rssMiB: number;
}

/** A directory, or the URL of a bucket with a prefix and what its SDK finds there. */
export type Place = string | { readonly store: string; readonly environment: NodeJS.ProcessEnv };

/** Puts a directory into a store of ours; `known` are ids that are there already. */
export async function put(place: Place, id: string, directory: string, ...known: string[]): Promise<StoreRun> {
  return run('put', place, [id, directory, ...known]);
}

/** Makes a verified copy of a stored directory. */
export async function get(place: Place, id: string, directory: string): Promise<StoreRun> {
  return run('get', place, [id, directory]);
}

/** The command of {@link get}. */
export function getCommand(store: string, id: string, directory: string): string {
  return commandOf(['get', store, id, directory]);
}

async function run(action: 'put' | 'get', place: Place, args: readonly string[]): Promise<StoreRun> {
  const { store, environment } = typeof place === 'string' ? { store: place, environment: {} } : place;
  const done = await timedRun(commandOf([action, store, ...args]), environment);
  return { ...NO_STORED, ...(JSON.parse(done.stdout) as Omit<StoreRun, keyof Run>), ...done };
}

const NO_STORED = { stored: 0 };

/** Node runs it as it is: the loader of the bench would be half of its time. */
function commandOf(args: readonly string[]): string {
  return ['env NODE_OPTIONS=', process.execPath, '--no-warnings', COMMAND, ...args].join(' ');
}
