// SPDX-License-Identifier: Apache-2.0
import type { Completable, CommandSpec, OptionSpec } from '../arguments/command-spec.js';
import { GRIT } from '../arguments/program.js';

/** Told to the shell instead of names when it shall offer files. */
export const FILES = ':files';

/** What completion needs to know of the world. */
export interface CompletionSource {
  readonly commands: readonly string[];
  /** Options that every command takes; default: those of grit. */
  readonly options?: readonly OptionSpec[];
  load(name: string): Promise<Omit<CommandSpec, 'run'> | undefined>;
  names(what: Exclude<Completable, 'files'>): Promise<readonly string[]>;
}

/** What can stand in place of the last of the words that were typed after `grit`. */
export async function complete(words: readonly string[], source: CompletionSource): Promise<readonly string[]> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [name, ...rest] = before;
  if (name === undefined) return filter([...source.commands, '--help', '--version'], current);
  const spec = name === 'help' ? undefined : await source.load(name);
  if (spec === undefined) return name === 'help' && rest.length === 0 ? filter(source.commands, current) : [];
  if (spec.takesCommandLine === true && rest.includes('--')) return [FILES];
  const options = [...spec.options, ...(source.options ?? GRIT.options)];
  const awaiting = optionOf(options, rest.at(-1));
  if (awaiting?.value !== undefined) return await values(awaiting, current, source);
  if (current.startsWith('-')) return filter([...options.map((option) => `--${option.name}`)], current);
  const last = spec.arguments.at(-1);
  const place = spec.arguments[countPositionals(options, rest)] ?? (last?.repeatable === true ? last : undefined);
  const found = place === undefined ? [] : await values(argumentPlace(spec, place, rest), current, source);
  return found.length > 0 || current !== '' ? found : options.map((option) => `--${option.name}`);
}

type Place = Pick<OptionSpec, 'choices' | 'completes'>;

/** `describe KIND NAME` and `delete KIND NAME`: the kind says which names. */
function argumentPlace(spec: Omit<CommandSpec, 'run'>, place: Place, words: readonly string[]): Place {
  if (place.choices !== undefined || place.completes !== undefined) return place;
  const kind = words.find((word) => spec.arguments[0]?.choices?.includes(word) === true);
  return kind === undefined ? place : { completes: `${kind}s` as Completable };
}

async function values(place: Place, current: string, source: CompletionSource): Promise<readonly string[]> {
  if (place.choices !== undefined) return filter(place.choices, current);
  if (place.completes === undefined) return [];
  return place.completes === 'files' ? [FILES] : filter(await source.names(place.completes), current);
}

function optionOf(options: readonly OptionSpec[], word: string | undefined): OptionSpec | undefined {
  return options.find(
    (option) => word === `--${option.name}` || (option.short !== undefined && word === `-${option.short}`),
  );
}

function countPositionals(options: readonly OptionSpec[], words: readonly string[]): number {
  let count = 0;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    if (!word.startsWith('-')) count++;
    else if (optionOf(options, word)?.value !== undefined) index++;
  }
  return count;
}

function filter(candidates: readonly string[], prefix: string): string[] {
  return candidates.filter((candidate) => candidate.startsWith(prefix));
}
