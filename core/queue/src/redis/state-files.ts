// SPDX-License-Identifier: Apache-2.0
import { open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { GritError } from '@grit/plugin-api';
import { identify, isAlive, type ProcessIdentity } from './process-identity.js';

const LOCK_TIMEOUT_MS = 15_000;

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

/** Runs `action` while no other process does so with the same lock file; the lock of a dead process counts for nothing. */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const end = Date.now() + LOCK_TIMEOUT_MS;
  while (!(await tryLock(path))) {
    if (Date.now() > end) throw new GritError('GRIT_TIMEOUT', `${path} stays locked by another process`);
    if (!(await readLiving(path)) && (await isSettled(path))) await rm(path, { force: true });
    else await delay(20);
  }
  try {
    return await action();
  } finally {
    await rm(path, { force: true });
  }
}

async function tryLock(path: string): Promise<boolean> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  });
  if (!file) return false;
  try {
    await file.writeFile(JSON.stringify(await identify(process.pid)));
  } finally {
    await file.close();
  }
  return true;
}

/** A lock file is empty for the moment between its creation and its content; it is old if that moment is over. */
async function isSettled(path: string): Promise<boolean> {
  if (await readIdentity(path)) return true;
  await delay(200);
  return (await readFile(path, 'utf8').catch(() => '')) === '';
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
