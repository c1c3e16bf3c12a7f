// SPDX-License-Identifier: Apache-2.0
import type { CommandContext } from '../command-context.js';
import type { Invocation } from './invocation.js';

/** What the shell can offer for a value: names that the server or the cluster knows, or files. */
export type Completable =
  | 'workloads'
  | 'checkpoints'
  | 'operations'
  | 'nodes'
  | 'pods'
  | 'claims'
  | 'stores'
  | 'namespaces'
  | 'moves'
  | 'files';

/** An option of a command. */
export interface OptionSpec {
  /** Without the hyphens. */
  readonly name: string;
  readonly short?: string;
  /** What the value is called in the help; without it the option is a switch. */
  readonly value?: string;
  readonly repeatable?: boolean;
  readonly choices?: readonly string[];
  readonly completes?: Completable;
  readonly summary: string;
}

/** A positional argument. */
interface ArgumentSpec {
  readonly name: string;
  readonly required: boolean;
  /** Of the last one: may be given any number of times. */
  readonly repeatable?: boolean;
  readonly choices?: readonly string[];
  readonly completes?: Completable;
}

/** A command: what it takes and what it does. */
export interface CommandSpec<Context = CommandContext> {
  readonly name: string;
  readonly summary: string;
  readonly arguments: readonly ArgumentSpec[];
  /** True when everything after `--` is a command line of its own. */
  readonly takesCommandLine?: boolean;
  readonly options: readonly OptionSpec[];
  readonly examples: readonly string[];
  /** Returns the exit code; an error is thrown. */
  run(invocation: Invocation, context: Context): Promise<number>;
}
