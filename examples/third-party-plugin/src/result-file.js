// SPDX-License-Identifier: Apache-2.0
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** @import { DroppedRequest } from './read-request.js' */

/**
 * Writes NAME.result.json: whoever reads it sees all of it or nothing, also after a power cut.
 *
 * @param {string} directory
 * @param {DroppedRequest} dropped
 * @param {Record<string, unknown>} result
 */
export async function writeResult(directory, { name, digest }, result) {
  const temporary = join(directory, `.${name}.result.json.tmp`);
  const file = await open(temporary, 'w', 0o644);
  try {
    await file.writeFile(`${JSON.stringify({ requestDigest: digest, ...result }, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(directory, `${name}.result.json`));
}

/**
 * Which content of the request the result answers; undefined without a result.
 *
 * @param {string} directory
 * @param {string} name
 * @returns {Promise<string | undefined>}
 */
export async function readResultDigest(directory, name) {
  try {
    return JSON.parse(await readFile(join(directory, `${name}.result.json`), 'utf8')).requestDigest;
  } catch {
    return undefined;
  }
}
