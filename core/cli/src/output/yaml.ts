// SPDX-License-Identifier: Apache-2.0
/** JSON data as YAML 1.2: block style, strings quoted unless they cannot be taken for anything else. */
export function formatYaml(value: unknown): string {
  const plain: unknown = JSON.parse(JSON.stringify(value ?? null));
  return `${formatNode(plain, 0).replace(/^\n/, '')}\n`;
}

function formatNode(value: unknown, depth: number): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return value.map((entry) => `\n${pad(depth)}- ${nested(entry, depth + 1)}`).join('');
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value);
    if (entries.length === 0) return '{}';
    return entries.map(([key, entry]) => `\n${pad(depth)}${formatEntry(key, entry, depth)}`).join('');
  }
  return typeof value === 'string' ? formatText(value) : JSON.stringify(value);
}

function formatEntry(key: string, value: unknown, depth: number): string {
  const node = formatNode(value, depth + 1);
  return `${formatText(key)}:${node.startsWith('\n') ? node : ` ${node}`}`;
}

/** An entry of a list begins on the line of its hyphen. */
function nested(value: unknown, depth: number): string {
  return formatNode(value, depth).trimStart();
}

function formatText(text: string): string {
  const plain = /^[A-Za-z_/][\w./@+-]*$/.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}

function pad(depth: number): string {
  return '  '.repeat(depth);
}
