// SPDX-License-Identifier: Apache-2.0
import { link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StoredFiles } from './stored-files.js';

/** A {@link StoredFiles} on a disk where packs can be made in place, and those of other images be linked. */
export class StagedFiles extends StoredFiles {
  readonly adopted: string[] = [];
  readonly linked: string[] = [];
  adoptCalls = 0;

  async staging(): Promise<string> {
    const path = join(this.directory, '.staging');
    await mkdir(path, { recursive: true });
    return path;
  }

  override async commit(manifest: Uint8Array): Promise<void> {
    await super.commit(manifest);
    await rm(join(this.directory, '.staging'), { recursive: true, force: true });
  }

  override async abort(): Promise<void> {
    await super.abort();
    await rm(join(this.directory, '.staging'), { recursive: true, force: true });
  }

  /** `image` is the directory of another StoredFiles beside this one. */
  async adopt(image: string, names: readonly string[]): Promise<readonly string[]> {
    this.adoptCalls += 1;
    const there: string[] = [];
    for (const name of names) {
      const path = join(this.directory, '.adopted', name);
      await mkdir(dirname(path), { recursive: true });
      try {
        await rm(path, { force: true });
        await link(join(dirname(this.directory), image, name), path);
      } catch {
        continue;
      }
      this.adopted.push(`${image}/${name}`);
      there.push(name);
    }
    return there;
  }

  async putAdopted(name: string): Promise<boolean> {
    try {
      return await this.putFile(name, join(this.directory, '.adopted', name));
    } catch {
      return false;
    }
  }

  async putFile(name: string, path: string): Promise<boolean> {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await rm(this.path(name), { force: true });
    await link(path, this.path(name));
    this.linked.push(name);
    return true;
  }
}
