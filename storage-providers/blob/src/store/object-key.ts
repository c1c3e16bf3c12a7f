// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import { isImageId } from '@grit/image';
import { checkPartName } from '@grit/plugin-api';

/** Below here are the records, one for each image. */
export const RECORDS = 'images/';
/** Below here are the objects of all images. */
export const OBJECTS = 'objects/';
/** Below here the checks of a store try things out. */
export const CHECKS = 'check/';

const TOKEN = /^[0-9a-f]{32}$/;
const IDENTITY = /^[A-Za-z0-9:_-]{1,128}$/;
const PLAIN = 'plain';

/** An object of one writer. No two writers have one token, and a writer puts no key again that others may have taken up. */
export interface ObjectKey {
  readonly id: string;
  readonly token: string;
  /** What stands for the bytes; undefined: nothing is known of them, so they are this writer's alone until its commit. */
  readonly identity: string | undefined;
  readonly name: string;
}

/** A name for a writer that nobody else has. */
export function newToken(): string {
  return randomBytes(16).toString('hex');
}

export function isToken(token: unknown): token is string {
  return typeof token === 'string' && TOKEN.test(token);
}

export function recordKey(id: string): string {
  return `${RECORDS}${id}`;
}

/** Undefined for a key that is no record's. */
export function idOfRecord(key: string): string | undefined {
  const id = key.slice(RECORDS.length);
  return key.startsWith(RECORDS) && isImageId(id) ? id : undefined;
}

/** Everything that all writers of an image have put. */
export function imagePrefix(id: string): string {
  return `${OBJECTS}${id}/`;
}

/** Everything that one writer has put. */
export function writerPrefix(id: string, token: string): string {
  return `${imagePrefix(id)}${token}/`;
}

/** `:` becomes `.`, which no identity has: two identities never get one key. */
export function objectKey({ id, token, identity, name }: ObjectKey): string {
  const folder = identity === undefined ? PLAIN : `id.${identity.replaceAll(':', '.')}`;
  return `${writerPrefix(id, token)}${folder}/${name}`;
}

/** Undefined for a key that is not one of an object. */
export function parseObjectKey(key: string): ObjectKey | undefined {
  if (!key.startsWith(OBJECTS)) return undefined;
  const [id, token, folder, ...rest] = key.slice(OBJECTS.length).split('/');
  if (!isImageId(id) || !isToken(token) || folder === undefined) return undefined;
  const name = partName(rest.join('/'));
  if (name === undefined) return undefined;
  if (folder === PLAIN) return { id, token, identity: undefined, name };
  const identity = folder.startsWith('id.') ? folder.slice(3).replaceAll('.', ':') : '';
  return isIdentity(identity) ? { id, token, identity, name } : undefined;
}

export function isIdentity(identity: string): boolean {
  return IDENTITY.test(identity);
}

function partName(name: string): string | undefined {
  try {
    return checkPartName(name);
  } catch {
    return undefined;
  }
}
