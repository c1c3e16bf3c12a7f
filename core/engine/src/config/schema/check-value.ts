// SPDX-License-Identifier: Apache-2.0
import { NAME_PATTERN } from '@grit/plugin-api';
import { isSecretReference } from '../secret-reference.js';
import type { ConfigIssue, ConfigPath } from '../config-issue.js';
import { didYouMean } from './did-you-mean.js';
import type { ChoiceNode, MapNode, ObjectNode, ScalarNode, SchemaNode } from './schema-node.js';

/** Compares a value with the schema: pushes what is wrong, returns the value with defaults filled in. */
export function checkValue(value: unknown, node: SchemaNode, path: ConfigPath, issues: ConfigIssue[]): unknown {
  switch (node.type) {
    case 'object':
      return checkObject(value, node, path, issues);
    case 'map':
      return checkMap(value, node, path, issues);
    case 'choice':
      return checkChoice(value, node, path, issues);
    case 'free':
      if (value === undefined || value === null) return {};
      return expectObject(value, path, issues) ?? {};
    default:
      return checkScalar(value, node, path, issues);
  }
}

function checkObject(value: unknown, node: ObjectNode, path: ConfigPath, issues: ConfigIssue[]): unknown {
  if ((value === undefined || value === null) && node.optional === true) return undefined;
  const given = expectObject(value ?? {}, path, issues);
  if (given === undefined) return undefined;
  const known = Object.keys(node.keys);
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    const hint = didYouMean(key, known) || `; known are: ${known.join(', ')}`;
    issues.push({ path: [...path, key], at: 'key', message: `unknown key${hint}` });
  }
  const entries = Object.entries(node.keys).map(
    ([key, child]) => [key, checkValue(given[key], child, [...path, key], issues)] as const,
  );
  if (path.at(-1)?.endsWith('From') === true && !isSecretReference(given)) {
    issues.push({ path, message: 'expected { file: … } or { env: … }' });
  }
  return Object.fromEntries(entries.filter(([, checked]) => checked !== undefined));
}

function checkMap(value: unknown, node: MapNode, path: ConfigPath, issues: ConfigIssue[]): unknown {
  const given = expectObject(value ?? {}, path, issues) ?? {};
  const entries = Object.entries(given).map(([key, entry]) => {
    const entryPath = [...path, key];
    if (!NAME_PATTERN.test(key)) {
      issues.push({ path: entryPath, at: 'key', message: 'expected a kebab-case name of at most 63 characters' });
    }
    return [key, checkValue(entry, node.values, entryPath, issues)] as const;
  });
  return Object.fromEntries(entries);
}

function checkChoice(value: unknown, node: ChoiceNode, path: ConfigPath, issues: ConfigIssue[]): unknown {
  if (value === undefined || value === null || value === node.text) return node.text;
  if (typeof value === 'object' && !Array.isArray(value)) return checkObject(value, node.object, path, issues);
  issues.push({
    path,
    message: `expected "${node.text}" or an object with ${Object.keys(node.object.keys).join(', ')}; received ${nameOfType(value)}`,
  });
  return node.text;
}

function checkScalar(value: unknown, node: ScalarNode, path: ConfigPath, issues: ConfigIssue[]): unknown {
  if (value === undefined || value === null) {
    if (node.default === undefined && node.optional !== true) {
      issues.push({ path, at: 'parent', message: `required: ${node.description}` });
    }
    return node.default;
  }
  if (typeof value !== node.type || Number.isNaN(value)) {
    issues.push({ path, message: `expected ${node.type}, received ${nameOfType(value)}` });
    return node.default;
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (node.oneOf !== undefined && !node.oneOf.includes(text)) {
    issues.push({ path, message: `expected one of: ${node.oneOf.join(', ')}${didYouMean(text, node.oneOf)}` });
  } else if (node.pattern !== undefined && !node.pattern.regex.test(text)) {
    issues.push({ path, message: `expected ${node.pattern.expected}` });
  }
  return value;
}

function expectObject(value: unknown, path: ConfigPath, issues: ConfigIssue[]): Record<string, unknown> | undefined {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  issues.push({ path, message: `expected an object, received ${nameOfType(value)}` });
  return undefined;
}

function nameOfType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : typeof value;
}
