// SPDX-License-Identifier: Apache-2.0

/** Names a component of the process and carries its type. */
export interface Token<T> {
  readonly symbol: symbol;
  /** Only for the type checker; never there. */
  readonly component?: T;
}

/** Makes a token; two tokens of the same name are different. */
export function createToken<T>(name: string): Token<T> {
  return { symbol: Symbol(name) };
}
