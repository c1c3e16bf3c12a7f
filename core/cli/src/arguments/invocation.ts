// SPDX-License-Identifier: Apache-2.0
import { closestName } from '@grit/plugin-api';
import type { CommandSpec, OptionSpec } from './command-spec.js';
import { GRIT, type Program } from './program.js';
import { usageError } from './usage-error.js';

// Every command starts here: an `import` of a built-in module reads all of its exports, which loads what nobody asked for.
const { parseArgs } = process.getBuiltinModule('node:util');

/** The part of a command that says what it takes. */
type Grammar = Pick<CommandSpec, 'name' | 'arguments' | 'options' | 'takesCommandLine'>;
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
  static parse(spec: Grammar, args: readonly string[], program: Program = GRIT): Invocation {
    const options = [...spec.options, ...program.options];
    const end = spec.takesCommandLine === true ? args.indexOf('--') : -1;
    const own = end < 0 ? args : args.slice(0, end);
    const { values, positionals } = parse(spec, options, own, program.name);
    for (const option of options) checkChoice(spec, option, values[option.name], program.name);
    const invocation = new Invocation(values, positionals, end < 0 ? [] : args.slice(end + 1));
    if (!invocation.has('help')) checkPositionals(spec, positionals, program.name);
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

function parse(spec: Grammar, options: readonly OptionSpec[], args: readonly string[], program: string) {
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
    throw explain(spec, options, error as Error & { code?: string }, program);
  }
}

function explain(spec: Grammar, options: readonly OptionSpec[], error: Error & { code?: string }, program: string) {
  const name = /'(?:-\w, )?(--?[\w-]+)/.exec(error.message)?.[1] ?? 'an option';
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const meant = closestName(name, [...options.map((option) => `--${option.name}`)]);
    const question = meant === undefined ? '' : `; did you mean ${meant}?`;
    return usageError(`${program} ${spec.name} has no option ${name}${question}`, spec.name, program);
  }
  const known = options.find((option) => name === `--${option.name}` || name === `-${option.short ?? ''}`);
  if (error.code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' && known !== undefined) {
    const needs = known.value === undefined ? 'takes no value' : `needs a value: --${known.name}=${known.value}`;
    return usageError(`--${known.name} ${needs}`, spec.name, program);
  }
  return usageError(error.message, spec.name, program);
}

function checkChoice(spec: Grammar, option: OptionSpec, given: Values[string], program: string): void {
  if (option.choices === undefined || typeof given !== 'string' || option.choices.includes(given)) return;
  throw usageError(`--${option.name}: "${given}" is none of ${option.choices.join(', ')}`, spec.name, program);
}

function checkPositionals(spec: Grammar, positionals: readonly string[], program: string): void {
  const extra = spec.arguments.at(-1)?.repeatable === true ? undefined : positionals[spec.arguments.length];
  if (extra !== undefined) {
    const hint = spec.takesCommandLine === true ? '; the command to run comes after --' : '';
    throw usageError(`"${extra}" is one argument too many${hint}`, spec.name, program);
  }
  for (const [index, argument] of spec.arguments.entries()) {
    const given = positionals[index];
    if (given === undefined) {
      if (!argument.required) continue;
      const choices = argument.choices === undefined ? argument.name : argument.choices.join(' or ');
      throw usageError(`${program} ${spec.name} needs ${choices}`, spec.name, program);
    }
    if (argument.choices !== undefined && !argument.choices.includes(given)) {
      const meant = closestName(given, argument.choices);
      const question = meant === undefined ? '' : `; did you mean ${meant}?`;
      throw usageError(`"${given}" is none of ${argument.choices.join(', ')}${question}`, spec.name, program);
    }
  }
}
