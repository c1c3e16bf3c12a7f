// SPDX-License-Identifier: Apache-2.0
import type { SchemaIssue, StandardSchema } from './standard-schema.js';

/** The types that a simple option can have. */
interface OptionTypes {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
}

/** One option of a plugin. */
export interface ConfigOption<K extends keyof OptionTypes = keyof OptionTypes> {
  readonly type: K;
  /** For the reference and for editors. */
  readonly description: string;
  readonly default?: OptionTypes[K] | undefined;
  /** Without a default an option is required unless this is true. */
  readonly optional?: boolean | undefined;
  /** The values allowed. */
  readonly oneOf?: readonly OptionTypes[K][] | undefined;
}

/** Options by name. */
export type ConfigOptions = Readonly<Record<string, ConfigOption>>;

/** The values that come out. */
export type ConfigValues<O extends ConfigOptions> = {
  readonly [N in keyof O]: O[N] extends { readonly optional: true }
    ? OptionTypes[O[N]['type']] | undefined
    : OptionTypes[O[N]['type']];
};

/**
 * A schema for flat options, for plugins that need no schema library. Strict: unknown keys are issues.
 * The options can be read back for the reference and for editors.
 */
export function configSchema<const O extends ConfigOptions>(
  options: O,
): StandardSchema<ConfigValues<O>> & { readonly options: O } {
  return {
    options,
    '~standard': {
      version: 1,
      vendor: 'grit',
      validate: (value) => {
        const given = value ?? {};
        if (typeof given !== 'object' || Array.isArray(given)) return { issues: [{ message: 'expected an object' }] };
        const input = given as Record<string, unknown>;
        const issues: SchemaIssue[] = Object.keys(input)
          .filter((key) => !Object.hasOwn(options, key))
          .map((key) => ({ message: `unknown key; known are: ${Object.keys(options).join(', ')}`, path: [key] }));
        const values: Record<string, unknown> = {};
        for (const [key, option] of Object.entries(options)) {
          const found = Object.hasOwn(input, key) ? input[key] : option.default;
          const problem = problemOf(found, option);
          if (problem !== undefined) issues.push({ message: problem, path: [key] });
          else if (found !== undefined) values[key] = found;
        }
        return issues.length > 0 ? { issues } : { value: values as ConfigValues<O> };
      },
    },
  };
}

function problemOf(value: unknown, option: ConfigOption): string | undefined {
  if (value === undefined) return option.optional === true ? undefined : `required: ${option.description}`;
  if (typeof value !== option.type || Number.isNaN(value)) {
    return `expected ${option.type}, received ${value === null ? 'null' : typeof value}`;
  }
  const allowed: readonly unknown[] | undefined = option.oneOf;
  if (allowed !== undefined && !allowed.includes(value)) return `expected one of: ${allowed.map(String).join(', ')}`;
  return undefined;
}
