// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, OptionSpec } from './command-spec.js';
import { COMMON_OPTIONS } from './shared-options.js';
import { suggest } from './suggest.js';
import { usageError } from './usage-error.js';

// Every command starts here: an `import` of a built-in module reads all of its exports, which loads what nobody asked for.
const { parseArgs } = process.getBuiltinModule('node:util');

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** A command as it was typed, checked against its specification. */
export class Invocation {
  readonly #values: Values;

  private constructor(
    values: Values,
    /** By the order of the specification; missing ones are undefined. */
    readonly positionals: readonly string[],
    /** Everything after `--`. */
    readonly commandLine: readonly string[],
  ) {
    this.#values = values;
  }

  /** Reads the arguments after the command's name. Throws GRIT_USAGE. */
  static parse(spec: CommandSpec, args: readonly string[]): Invocation {
    const options = [...spec.options, ...COMMON_OPTIONS];
    const end = spec.takesCommandLine === true ? args.indexOf('--') : -1;
    const own = end < 0 ? args : args.slice(0, end);
    const { values, positionals } = parse(spec, options, own);
    for (const option of options) checkChoice(spec, option, values[option.name]);
    const invocation = new Invocation(values, positionals, end < 0 ? [] : args.slice(end + 1));
    if (!invocation.has('help')) checkPositionals(spec, positionals);
    return invocation;
  }

  /** True when a switch was given. */
  has(name: string): boolean {
    return this.#values[name] === true;
  }

  /** The value of an option. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** The values of an option that may be repeated. */
  texts(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
  }

  /** A positional argument that the specification requires. */
  positional(index: number): string {
    const value = this.positionals[index];
    if (value === undefined) throw usageError('an argument is missing');
    return value;
  }
}

function parse(spec: CommandSpec, options: readonly OptionSpec[], args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      strict: true,
      options: Object.fromEntries(
        options.map((option) => [
          option.name,
          {
            type: option.value === undefined ? ('boolean' as const) : ('string' as const),
            ...(option.short === undefined ? {} : { short: option.short }),
            ...(option.repeatable === true ? { multiple: true } : {}),
          },
        ]),
      ),
    });
  } catch (error) {
    throw explain(spec, options, error as Error & { code?: string });
  }
}

function explain(spec: CommandSpec, options: readonly OptionSpec[], error: Error & { code?: string }) {
  const name = /'(?:-\w, )?(--?[\w-]+)/.exec(error.message)?.[1] ?? 'an option';
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const meant = suggest(name, [...options.map((option) => `--${option.name}`)]);
    const question = meant === undefined ? '' : `; did you mean ${meant}?`;
    return usageError(`grit ${spec.name} has no option ${name}${question}`, spec.name);
  }
  const known = options.find((option) => name === `--${option.name}` || name === `-${option.short ?? ''}`);
  if (error.code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' && known !== undefined) {
    const needs = known.value === undefined ? 'takes no value' : `needs a value: --${known.name}=${known.value}`;
    return usageError(`--${known.name} ${needs}`, spec.name);
  }
  return usageError(error.message, spec.name);
}

function checkChoice(spec: CommandSpec, option: OptionSpec, given: Values[string]): void {
  if (option.choices === undefined || typeof given !== 'string' || option.choices.includes(given)) return;
  throw usageError(`--${option.name}: "${given}" is none of ${option.choices.join(', ')}`, spec.name);
}

function checkPositionals(spec: CommandSpec, positionals: readonly string[]): void {
  const extra = positionals[spec.arguments.length];
  if (extra !== undefined) {
    const hint = spec.takesCommandLine === true ? '; the command to run comes after --' : '';
    throw usageError(`"${extra}" is one argument too many${hint}`, spec.name);
  }
  for (const [index, argument] of spec.arguments.entries()) {
    const given = positionals[index];
    if (given === undefined) {
      if (!argument.required) continue;
      const choices = argument.choices === undefined ? argument.name : argument.choices.join(' or ');
      throw usageError(`grit ${spec.name} needs ${choices}`, spec.name);
    }
    if (argument.choices !== undefined && !argument.choices.includes(given)) {
      const meant = suggest(given, argument.choices);
      const question = meant === undefined ? '' : `; did you mean ${meant}?`;
      throw usageError(`"${given}" is none of ${argument.choices.join(', ')}${question}`, spec.name);
    }
  }
}
