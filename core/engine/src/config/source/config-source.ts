// SPDX-License-Identifier: Apache-2.0
import { dirname, relative } from 'node:path';
import type * as YamlModule from 'yaml';
import type { Document, LineCounter, Node, Pair, Scalar, YAMLMap } from 'yaml';
import type { ConfigIssue, ConfigPath } from '../config-issue.js';
import { expandPath, expandVariables, readPlain } from './expand-text.js';

const MAX_ALIASES = 100;

/** What of the yaml package is needed here; it is loaded only when there is a file to read. */
type Yaml = typeof YamlModule;

interface Found {
  readonly depth: number;
  readonly place: string;
}

/** One parsed file of the configuration. */
export class ConfigSource {
  private constructor(
    readonly file: string,
    readonly value: Readonly<Record<string, unknown>>,
    private readonly document: Document,
    private readonly lines: LineCounter,
    private readonly shown: string,
    private readonly yaml: Yaml,
  ) {}

  /** Parses a text; what is wrong with it becomes issues with their place. */
  static parse(
    yaml: Yaml,
    file: string,
    text: string,
    options: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
    issues: ConfigIssue[],
  ): ConfigSource {
    const lines = new yaml.LineCounter();
    const shown = shortPath(file, options.cwd);
    const place = (offset: number): string => placeAt(shown, lines, offset);
    const tell = (offset: number, message: string): void => {
      issues.push({ path: [], message, place: place(offset) });
    };
    let document: Document = new yaml.Document({});
    let value: unknown = {};
    try {
      const parsed = yaml.parseDocument(text, {
        lineCounter: lines,
        strict: true,
        uniqueKeys: true,
        prettyErrors: false,
      });
      document = parsed;
      for (const problem of [...parsed.errors, ...parsed.warnings]) tell(problem.pos[0], problem.message);
      if (parsed.errors.length === 0) {
        expand(yaml, parsed, file, options.env, tell);
        value = parsed.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
      }
    } catch (error) {
      if (error instanceof RangeError) tell(0, 'nested too deeply');
      else tell(0, error instanceof Error ? error.message : String(error));
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      tell(0, 'expected an object at the top of the file');
      value = {};
    }
    return new ConfigSource(file, value as Record<string, unknown>, document, lines, shown, yaml);
  }

  /** The deepest part of the path that this file has. */
  find(path: ConfigPath, at: ConfigIssue['at'] = 'value'): Found {
    let node: unknown = this.document.contents;
    let offset = offsetOf(node) ?? 0;
    let depth = 0;
    for (const key of path) {
      const here = this.#resolve(node);
      const pair = this.yaml.isMap(here) ? pairOf(here, key) : undefined;
      const item = this.yaml.isSeq(here) ? here.items[Number(key)] : undefined;
      if (pair === undefined && item === undefined) break;
      depth += 1;
      node = pair === undefined ? item : pair.value;
      const keyOffset = offsetOf(pair?.key);
      const last = depth === path.length;
      offset = (last && at === 'key' ? keyOffset : offsetOf(node)) ?? keyOffset ?? offset;
      // A block that lacks something is best shown by its own key.
      if (!last && keyOffset !== undefined && !(this.yaml.isMap(node) && node.flow === true)) offset = keyOffset;
    }
    return { depth, place: placeAt(this.shown, this.lines, offset) };
  }

  #resolve(node: unknown): unknown {
    return this.yaml.isAlias(node) ? node.resolve(this.document) : node;
  }
}

/** Fills in variables and paths, once for each scalar. */
function expand(
  yaml: Yaml,
  document: Document,
  file: string,
  env: NodeJS.ProcessEnv,
  tell: (offset: number, message: string) => void,
): void {
  yaml.visit(document, {
    Pair: (_, pair) => {
      if (yaml.isScalar(pair.key) && pair.key.value === '__proto__') tell(offsetOf(pair.key) ?? 0, 'key not allowed');
    },
    Scalar: (key, scalar) => {
      if (key === 'key' || typeof scalar.value !== 'string') return;
      try {
        const text = expandVariables(scalar.value, env);
        const plain = scalar.type === 'PLAIN' && text !== scalar.value;
        scalar.value = plain ? readPlain(text) : text;
        if (typeof scalar.value === 'string') scalar.value = expandPath(scalar.value, dirname(file), env);
      } catch (error) {
        tell(offsetOf(scalar) ?? 0, (error as Error).message);
      }
    },
  });
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  const named = (wanted: string): Pair | undefined =>
    map.items.find((pair) => String((pair.key as Scalar | null)?.value) === wanted);
  // A secret is written as a reference.
  return named(key) ?? named(`${key}From`);
}

function offsetOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}

function placeAt(shown: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${shown}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
}

/** Relative where that is shorter and clear. */
function shortPath(file: string, cwd: string): string {
  const short = relative(cwd, file);
  return short.startsWith('..') || cwd === '/' ? file : short;
}
