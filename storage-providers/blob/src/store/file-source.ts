// SPDX-License-Identifier: Apache-2.0
import { open, type FileHandle } from 'node:fs/promises';
import { throwIfAborted } from '@grit/image';
import type { ByteRange, UploadSource } from '../object-store.js';

const CHUNK_BYTES = 512 * 1024;

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

  /** The next piece is read while one is being sent. Only two are ever in memory, which is used again: fresh memory costs more than reading. */
  async *read({ start, end }: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    const size = Math.min(CHUNK_BYTES, end - start);
    const memory = [Buffer.allocUnsafeSlow(size), Buffer.allocUnsafeSlow(end - start > size ? size : 0)] as const;
    let turn: 0 | 1 = 0;
    const readAt = (at: number): Promise<Uint8Array> => {
      const piece = this.#fill(memory[turn].subarray(0, end - at), at);
      // Whoever waits for it is told.
      piece.catch(() => undefined);
      return piece;
    };
    let next = readAt(start);
    try {
      for (let at = start; at < end;) {
        throwIfAborted(signal);
        const piece = await next;
        if (piece.length === 0)
          throw new Error(`the file ends at ${at}, before ${end}: it was changed while it was stored`);
        at += piece.length;
        turn = turn === 0 ? 1 : 0;
        if (at < end) next = readAt(at);
        yield piece;
      }
    } finally {
      // The file may be closed after this.
      await next.catch(() => undefined);
    }
  }

  async #fill(memory: Buffer, at: number): Promise<Uint8Array> {
    const { bytesRead } = await this.file.read(memory, 0, memory.length, at);
    return memory.subarray(0, bytesRead);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.file.close();
  }
}
