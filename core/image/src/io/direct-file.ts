// SPDX-License-Identifier: Apache-2.0
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  openSync,
  readSync,
  writeSync,
  type BigIntStats,
} from 'node:fs';

/** 0 where the system has no such flag. */
const O_DIRECT = (constants as { readonly O_DIRECT?: number }).O_DIRECT ?? 0;

/**
 * A file that is read or written past the page cache where its file system allows it, synchronously: for worker threads. Buffers
 * must be aligned (see alignedMemory), and so must offsets and lengths, except that a read may meet the end of the file. A mount that
 * refuses is served through the page cache. Errors are those of the operating system.
 */
export class DirectFile implements Disposable {
  #fd: number;
  #direct: boolean;

  private constructor(
    readonly path: string,
    readonly flags: number,
    fd: number,
    direct: boolean,
  ) {
    this.#fd = fd;
    this.#direct = direct;
  }

  /** Makes a file that must not exist yet. */
  static create(path: string, { direct = true }: { readonly direct?: boolean } = {}): DirectFile {
    // Some file systems make the file before they refuse O_DIRECT, so it is asked for in a second step.
    const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    return DirectFile.#probed(path, constants.O_WRONLY | constants.O_NOFOLLOW, fd, direct);
  }

  /** Opens a file for reading, never through a symbolic link. */
  static open(path: string, { direct = true }: { readonly direct?: boolean } = {}): DirectFile {
    // Without waiting for the other end of what turns out to be a pipe.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    return DirectFile.#probed(path, flags, openSync(path, flags), direct);
  }

  static #probed(path: string, flags: number, fd: number, direct: boolean): DirectFile {
    const file = new DirectFile(path, flags, fd, false);
    try {
      if (direct && O_DIRECT !== 0) file.#reopen(O_DIRECT);
      return file;
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  /** Whether it goes past the page cache. */
  get direct(): boolean {
    return this.#direct;
  }

  stat(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true });
  }

  /** Writes all of it. */
  write(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length;) {
      done += this.#orBuffered(() => writeSync(this.#fd, bytes, done, bytes.length - done, position + done));
    }
  }

  /** Fills the target; returns fewer bytes only where the file ends. */
  read(target: Uint8Array, position: number): number {
    let done = 0;
    while (done < target.length) {
      const bytes = this.#orBuffered(() => readSync(this.#fd, target, done, target.length - done, position + done));
      if (bytes === 0) break;
      done += bytes;
    }
    return done;
  }

  datasync(): void {
    fdatasyncSync(this.#fd);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  // After a short write or read the rest is not aligned any more, and some mounts refuse only now: the page cache takes anything.
  #orBuffered(call: () => number): number {
    try {
      return call();
    } catch (error) {
      if (!this.#direct || (error as NodeJS.ErrnoException).code !== 'EINVAL') throw error;
      this.#reopen(0);
      return call();
    }
  }

  #reopen(extra: number): void {
    let fd: number;
    try {
      fd = openSync(this.path, this.flags | extra);
    } catch (error) {
      if (extra !== 0 && (error as NodeJS.ErrnoException).code === 'EINVAL') return;
      throw error;
    }
    closeSync(this.#fd);
    this.#fd = fd;
    this.#direct = extra !== 0;
  }
}
