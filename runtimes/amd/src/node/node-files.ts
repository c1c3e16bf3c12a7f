// SPDX-License-Identifier: Apache-2.0
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a node as this process sees them. What is not there, or may not be read, is undefined or empty. */
export class NodeFiles {
  /** @param root - where the node's `/` is */
  constructor(private readonly root: string) {}

  async has(path: string): Promise<boolean> {
    return access(join(this.root, path)).then(
      () => true,
      () => false,
    );
  }

  async text(path: string): Promise<string | undefined> {
    return (await this.bytes(path))?.toString('utf8');
  }

  async bytes(path: string): Promise<Buffer | undefined> {
    return readFile(join(this.root, path)).catch(() => undefined);
  }

  /** Names in a directory, in the order of their numbers. */
  async names(path: string): Promise<readonly string[]> {
    const names = await readdir(join(this.root, path)).catch(() => []);
    return names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }
}
