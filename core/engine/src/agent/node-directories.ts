// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { checkName } from '@grit/plugin-api';

/** Where an agent keeps images while they are made or used. All of it may be thrown away when no operation needs it. */
export class NodeDirectories {
  constructor(readonly root: string) {}

  /** A dump: `image/` with the parts and `dump.json` once it is sealed. */
  dump(checkpoint: string): string {
    return join(this.root, 'dumps', checkName(checkpoint, 'checkpoint'));
  }

  /** What is known of an image that is stored, when its dump is gone. */
  stored(checkpoint: string): string {
    return join(this.root, 'stored', `${checkName(checkpoint, 'checkpoint')}.json`);
  }

  /** Images that were fetched. */
  get images(): string {
    return join(this.root, 'images');
  }

  /** See CachedImage. */
  image(checkpoint: string): string {
    return join(this.images, checkName(checkpoint, 'checkpoint'));
  }

  get restores(): string {
    return join(this.root, 'restores');
  }

  /** A restore: `prepared.json`; its image is one of {@link images}. */
  restore(restore: string): string {
    return join(this.restores, checkName(restore, 'restore'));
  }

  /** What is known of a restore that has succeeded. */
  restored(restore: string): string {
    return join(this.root, 'restored', `${checkName(restore, 'restore')}.json`);
  }
}
