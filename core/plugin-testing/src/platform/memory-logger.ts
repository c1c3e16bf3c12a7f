// SPDX-License-Identifier: Apache-2.0
import type { JsonObject, Logger } from '@grit/plugin-api';

/** A line that was logged. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: JsonObject;
}

/** A logger that prints nothing and keeps everything. */
export class MemoryLogger implements Logger {
  constructor(
    /** All lines, of the children too. */
    readonly lines: LogLine[] = [],
    private readonly fields: JsonObject = {},
  ) {}

  debug(message: string, fields?: JsonObject): void {
    this.#keep('debug', message, fields);
  }

  info(message: string, fields?: JsonObject): void {
    this.#keep('info', message, fields);
  }

  warn(message: string, fields?: JsonObject): void {
    this.#keep('warn', message, fields);
  }

  error(message: string, fields?: JsonObject): void {
    this.#keep('error', message, fields);
  }

  child(fields: JsonObject): MemoryLogger {
    return new MemoryLogger(this.lines, { ...this.fields, ...fields });
  }

  #keep(level: LogLine['level'], message: string, fields: JsonObject = {}): void {
    this.lines.push({ level, message, fields: { ...this.fields, ...fields } });
  }
}
