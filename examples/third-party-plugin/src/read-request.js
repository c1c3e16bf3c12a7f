// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { GritError, toGritError } from '@grit/plugin-api';

/** @import { OperationRequest } from '@grit/plugin-api' */

const MAX_BYTES = 64 * 1024;
/** A file that is no JSON may be half written; after so long without a change it is simply wrong. */
const SETTLED_MS = 500;
const NAME = /^[A-Za-z0-9._-]{1,100}$/;

/**
 * A request as found: what to submit, or what is wrong with it.
 *
 * @typedef {{ name: string, digest: string } & ({ request: OperationRequest } | { error: GritError })} DroppedRequest
 */

/**
 * Reads NAME.request.json; undefined when it is not (or not wholly) there.
 *
 * @param {string} directory
 * @param {string} name
 * @param {string} plugin for the audit
 * @returns {Promise<DroppedRequest | undefined>}
 */
export async function readRequest(directory, name, plugin) {
  const file = await readSmallFile(join(directory, `${name}.request.json`));
  if (file === undefined) return undefined;
  const digest = createHash('sha256').update(file.bytes).digest('hex');
  try {
    if (!NAME.test(name)) throw invalid('the file name may have 100 letters, digits, dots, hyphens and underscores');
    if (file.bytes.length > MAX_BYTES) throw new GritError('GRIT_REQUEST_TOO_LARGE', `more than ${MAX_BYTES} bytes`);
    const value = parse(file.bytes.toString('utf8'));
    // The file's name and content are the event: seen twice, it is one operation.
    const idempotencyKey = `${plugin}-${name}-${digest.slice(0, 32)}`;
    return { name, digest, request: /** @type {any} */ ({ ...value, idempotencyKey, requestedBy: plugin }) };
  } catch (error) {
    if (Date.now() - file.changedAt < SETTLED_MS) return undefined;
    return { name, digest, error: toGritError(error, 'GRIT_REQUEST_INVALID') };
  }
}

/** @param {string} text */
function parse(text) {
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new GritError('GRIT_REQUEST_INVALID', `no JSON: ${/** @type {Error} */ (error).message}`, { cause: error });
  }
  // Everything else is checked by the platform, the same for whoever asks.
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw invalid('a request is a JSON object');
}

/** @param {string} message */
function invalid(message) {
  return new GritError('GRIT_REQUEST_INVALID', message);
}

/** @param {string} path */
async function readSmallFile(path) {
  // Whoever may write here must not make the server read other files by a link.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    () => undefined,
  );
  if (file === undefined) return undefined;
  try {
    const { mtimeMs } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
    return { bytes: buffer.subarray(0, bytesRead), changedAt: mtimeMs };
  } catch {
    return undefined;
  } finally {
    await file.close();
  }
}
