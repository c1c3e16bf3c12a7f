// SPDX-License-Identifier: Apache-2.0
import { writeSync } from 'node:fs';
import type { JsonObject, Logger } from '@grit/plugin-api';
import type { LogLevel } from '../config/grit-config.js';

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const MAX_LINE = 64 * 1024;

/** Where lines go and what is left out. */
export interface JsonLoggerOptions {
  readonly level: LogLevel;
  /** Gets whole lines with their newline. Default: stderr. */
  readonly write?: ((line: string) => void) | undefined;
  /** Takes secrets out; `LoadedConfig.redact`. */
  readonly redact?: (<T>(value: T) => T) | undefined;
  /** On every line: `role`, `node`. */
  readonly fields?: JsonObject | undefined;
}

/** One JSON object a line: `{"time":"…","level":"info","message":"…",…fields}`. A line is written before the call returns. */
export class JsonLogger implements Logger {
  constructor(private readonly options: JsonLoggerOptions) {}

  debug(message: string, fields?: JsonObject): void {
    this.#log('debug', message, fields);
  }

  info(message: string, fields?: JsonObject): void {
    this.#log('info', message, fields);
  }

  warn(message: string, fields?: JsonObject): void {
    this.#log('warn', message, fields);
  }

  error(message: string, fields?: JsonObject): void {
    this.#log('error', message, fields);
  }

  child(fields: JsonObject): Logger {
    return new JsonLogger({ ...this.options, fields: { ...this.options.fields, ...fields } });
  }

  #log(level: LogLevel, message: string, fields: JsonObject | undefined): void {
    const { level: least, write = writeToStderr, redact = asItIs, fields: common } = this.options;
    if (LEVELS.indexOf(level) < LEVELS.indexOf(least)) return;
    const facts = redact({ ...common, ...fields });
    const head = { time: new Date().toISOString(), level, message: redact(message).slice(0, MAX_LINE) };
    const line = stringify({ ...head, ...facts, ...head });
    write(`${line.length > MAX_LINE ? stringify({ ...head, truncated: true }) : line}\n`);
  }
}

function asItIs<T>(value: T): T {
  return value;
}

/** A logger must not throw. */
function stringify(value: Record<string, unknown>): string {
  try {
    return JSON.stringify(value);
  } catch {
    return JSON.stringify({ time: value.time, level: value.level, message: value.message, fields: 'not JSON' });
  }
}

function writeToStderr(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // Nobody reads it any more, or the pipe is full: the work is worth more than the line.
  }
}
