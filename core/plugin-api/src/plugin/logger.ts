// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from '../json.js';

/** Writes structured lines. Fields are facts, never secrets. */
export interface Logger {
  debug(message: string, fields?: JsonObject): void;
  info(message: string, fields?: JsonObject): void;
  warn(message: string, fields?: JsonObject): void;
  error(message: string, fields?: JsonObject): void;
  /** A logger that adds these fields to every line. */
  child(fields: JsonObject): Logger;
}
