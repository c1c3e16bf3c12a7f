// SPDX-License-Identifier: Apache-2.0
import { readFile, rename, writeFile } from 'node:fs/promises';
import { isAlive, type ProcessIdentity } from './process-identity.js';

/** The process that a pid file names, if it lives. */
export async function readLiving(path: string): Promise<ProcessIdentity | undefined> {
  const identity = await readIdentity(path);
  return identity && (await isAlive(identity)) ? identity : undefined;
}

/** Atomic: a reader sees the old identity or the new one. */
export async function writeIdentity(path: string, identity: ProcessIdentity): Promise<void> {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(identity)}\n`, { mode: 0o600 });
  await rename(draft, path);
}

async function readIdentity(path: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const json = JSON.parse(text) as Partial<ProcessIdentity> | null;
    return typeof json?.pid === 'number' && typeof json.startTime === 'string'
      ? { pid: json.pid, startTime: json.startTime }
      : undefined;
  } catch {
    return undefined;
  }
}
