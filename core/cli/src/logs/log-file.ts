// SPDX-License-Identifier: Apache-2.0
import { open, type FileHandle } from 'node:fs/promises';
import { GritError } from '@grit/plugin-api';

const CHUNK_BYTES = 64 * 1024;

/** A log that is read from where the reader stopped. */
export class LogFile {
  private constructor(
    readonly path: string,
    readonly file: FileHandle,
    private offset: number,
  ) {}

  /**
   * Opens the log at an offset. After a restore to an older state the log is shorter than what was read of it: what it has was
   * shown already, so reading goes on at its end.
   */
  static async open(path: string, offset = 0): Promise<LogFile> {
    try {
      const file = await open(path, 'r');
      const { size } = await file.stat();
      return new LogFile(path, file, Math.min(offset, size));
    } catch (error) {
      throw new GritError('GRIT_WORKLOAD_NOT_FOUND', `the log ${path} cannot be read`, {
        cause: error,
        hint: 'Run the command on the machine of the node, as the user of its agent.',
      });
    }
  }

  get position(): number {
    return this.offset;
  }

  /** Hands everything that is new to the reader. */
  async drain(reader: (bytes: Uint8Array) => Promise<void>): Promise<void> {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      const { bytesRead } = await this.file.read(buffer, 0, CHUNK_BYTES, this.offset);
      if (bytesRead === 0) return;
      this.offset += bytesRead;
      await reader(buffer.subarray(0, bytesRead));
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}
