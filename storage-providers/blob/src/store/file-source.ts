// SPDX-License-Identifier: Apache-2.0
import { open, type FileHandle } from 'node:fs/promises';
import { throwIfAborted } from '@grit/image';
import type { ByteRange, UploadSource } from '../object-store.js';

const CHUNK_BYTES = 1024 * 1024;

/** A file that does not change while it is sent. */
export class FileSource implements UploadSource, AsyncDisposable {
  private constructor(
    private readonly file: FileHandle,
    readonly size: number,
  ) {}

  /** Undefined for what is no file that can be read. */
  static async open(path: string): Promise<FileSource | undefined> {
    const file = await open(path).catch(() => undefined);
    if (file === undefined) return undefined;
    const stat = await file.stat();
    if (stat.isFile()) return new FileSource(file, stat.size);
    await file.close();
    return undefined;
  }

  async *read({ start, end }: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    for (let at = start; at < end;) {
      throwIfAborted(signal);
      const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, end - at));
      const { bytesRead } = await this.file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) throw new Error(`the file ends at ${at}, before ${end}: it was changed while it was stored`);
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file.close();
  }
}
