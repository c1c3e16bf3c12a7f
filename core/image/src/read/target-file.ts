// SPDX-License-Identifier: Apache-2.0
import { constants, type Stats } from 'node:fs';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { LocalPart } from '@grit/plugin-api';

/** The file that a part becomes. Until it is whole it has another name. */
export class TargetFile {
  readonly temporary: string;
  /** True when the file was there before, with bytes of which nothing is known. */
  begun = false;
  finished = false;

  constructor(readonly part: LocalPart) {
    this.temporary = temporaryPath(part.path);
  }

  /** Makes the file with its size, sparse, or takes over the one that an earlier call left, finished or not. */
  async begin(): Promise<void> {
    const { path, size } = this.part;
    if (await isOurs(path)) await rename(path, this.temporary);
    else await rm(path, { force: true });
    const known = await isOurs(this.temporary);
    if (!known) await rm(this.temporary, { force: true });
    const create = known ? 0 : constants.O_CREAT | constants.O_EXCL;
    await using file = await open(this.temporary, constants.O_RDWR | constants.O_NOFOLLOW | create, 0o600);
    if (known) {
      const { blocks } = await file.stat();
      this.begun = blocks > 0;
      // Without blocks it is all holes, or a few bytes that the file system keeps elsewhere.
      if (!this.begun) await file.truncate(0);
      await file.chmod(0o600);
    }
    await file.truncate(size);
  }

  /** Gives the file its name. @param durable whether its bytes must be on the disk first */
  async finish(durable: boolean): Promise<void> {
    if (durable) {
      await using file = await open(this.temporary, constants.O_RDONLY | constants.O_NOFOLLOW);
      await file.datasync();
    }
    await rename(this.temporary, this.part.path);
    this.finished = true;
  }

  /** Removes what is not whole. */
  async discard(): Promise<void> {
    if (!this.finished) await rm(this.temporary, { force: true });
  }
}

/** What a file is called until it is whole. No name of a part begins with a dot, so this is nobody's. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.partial`);
}

/** A regular file that nobody else has a name for: another hard link may be the bytes of somebody else. */
async function isOurs(path: string): Promise<boolean> {
  const stat: Stats | undefined = await lstat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  return stat?.isFile() === true && stat.nlink === 1;
}
