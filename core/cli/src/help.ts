// SPDX-License-Identifier: Apache-2.0
import type { CommandSpec, OptionSpec } from './arguments/command-spec.js';
import { GRIT, type Program } from './arguments/program.js';
import { COMMAND_GROUPS } from './commands/registry.js';
import { wrap } from './output/wrap.js';

/** A program as its help shows it. */
export interface ProgramHelp {
  /** What it does, in one sentence. */
  readonly summary: string;
  readonly usage: string;
  readonly groups: readonly (readonly [
    title: string,
    commands: readonly { readonly name: string; readonly usage: string; readonly summary: string }[],
  ])[];
  /** What comes after the commands. */
  readonly end: readonly string[];
}

/** `grit --help`. */
export function formatHelp(width: number): string {
  return formatProgramHelp(
    {
      summary: 'Checkpoint, restore and migrate running workloads, with nothing changed in the application.',
      usage: 'grit COMMAND [OPTIONS]',
      groups: COMMAND_GROUPS,
      end: [
        'grit COMMAND --help shows the options of a command. To begin:',
        '  grit run --name train -- python3 train.py',
        '  grit checkpoint train',
      ],
    },
    width,
  );
}

/** The help of a program with commands. */
export function formatProgramHelp({ summary, usage, groups, end }: ProgramHelp, width: number): string {
  const lines = [wrap(summary, width), ''];
  lines.push(`Usage: ${usage}`);
  const left = Math.max(...groups.flatMap(([, all]) => all.map((entry) => entry.name.length + entry.usage.length)));
  for (const [title, commands] of groups) {
    lines.push('', `${title}:`);
    lines.push(
      ...formatPairs(
        commands.map((entry) => [`${entry.name} ${entry.usage}`.trim(), entry.summary]),
        width,
        left + 5,
      ),
    );
  }
  lines.push('', ...end);
  return `${lines.join('\n')}\n`;
}

/** `grit COMMAND --help`. */
export function formatCommandHelp(spec: Omit<CommandSpec, 'run'>, width: number, program: Program = GRIT): string {
  const words = spec.arguments.map(({ name, required, choices, repeatable }) => {
    const word =
      choices !== undefined && choices.length <= 4 ? choices.join('|') : `${name}${repeatable === true ? '…' : ''}`;
    return required ? word : `[${word}]`;
  });
  const usage = [
    program.name,
    spec.name,
    ...words,
    '[OPTIONS]',
    ...(spec.takesCommandLine === true ? ['--', 'COMMAND…'] : []),
  ];
  const kinds = spec.arguments.filter(({ choices }) => choices !== undefined && choices.length > 4);
  const lines = [wrap(`${spec.summary.charAt(0).toUpperCase()}${spec.summary.slice(1)}.`, width), ''];
  lines.push(`Usage: ${usage.join(' ')}`);
  for (const { name, choices } of kinds) lines.push(wrap(`${name} is one of ${choices?.join(', ') ?? ''}.`, width));
  if (spec.options.length > 0) lines.push('', 'Options:', ...formatOptions(spec.options, width));
  lines.push('', 'Common options:', ...formatOptions(program.options, width));
  lines.push('', 'Examples:', ...spec.examples.map((example) => `  ${example}`));
  return `${lines.join('\n')}\n`;
}

function formatOptions(options: readonly OptionSpec[], width: number): string[] {
  return formatPairs(
    options.map((option) => {
      const short = option.short === undefined ? '' : `-${option.short}, `;
      const value = option.value === undefined ? '' : ` ${option.choices?.join('|') ?? option.value}`;
      const again = option.repeatable === true ? '; may be repeated' : '';
      return [`${short}--${option.name}${value}`, `${option.summary}${again}`];
    }),
    width,
  );
}

function formatPairs(
  pairs: readonly (readonly [string, string])[],
  width: number,
  left = Math.max(...pairs.map(([name]) => name.length)) + 4,
): string[] {
  return pairs.map(([name, text]) => `  ${name}`.padEnd(left) + wrap(text, width - left, ' '.repeat(left)));
}
