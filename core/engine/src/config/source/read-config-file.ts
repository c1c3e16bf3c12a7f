// SPDX-License-Identifier: Apache-2.0
import { readFile, stat } from 'node:fs/promises';
import { GritError } from '@grit/plugin-api';

const MAX_FILE_BYTES = 256 * 1024;

/** The text of a configuration file. Throws GRIT_CONFIG_NOT_FOUND, GRIT_CONFIG_INVALID when it is too large. */
export async function readConfigFile(file: string): Promise<string> {
  try {
    const found = await stat(file);
    if (!found.isFile()) throw new GritError('GRIT_CONFIG_NOT_FOUND', `${file} is not a file`);
    if (found.size > MAX_FILE_BYTES) {
      throw new GritError('GRIT_CONFIG_INVALID', `${file} is larger than ${MAX_FILE_BYTES / 1024} KiB`);
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof GritError) throw error;
    throw new GritError('GRIT_CONFIG_NOT_FOUND', `cannot read ${file}: ${(error as Error).message}`, { cause: error });
  }
}
