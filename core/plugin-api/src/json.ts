// SPDX-License-Identifier: Apache-2.0

/** What survives `JSON.parse(JSON.stringify(x))`: everything that crosses a contract as data is of this kind. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json | undefined;
}
