// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';

/** A schema as a CustomResourceDefinition takes it: structural, in the words of OpenAPI 3. */
export interface StructuralSchema {
  readonly type: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly description?: string;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly required?: readonly string[];
  readonly items?: StructuralSchema;
  readonly additionalProperties?: StructuralSchema;
  readonly [word: string]: unknown;
}

type Json = Readonly<Record<string, unknown>>;

/** Words that are taken over as they are. */
const KEPT = [
  'description',
  'default',
  'enum',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'maxProperties',
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-validations',
];

/** Kinds of schemas that have no structural form or have not been needed: better to fail here than to publish half of one. */
const REFUSED = ['anyOf', 'oneOf', 'allOf', 'not', '$ref', 'nullable', 'const', 'prefixItems'];

/**
 * The structural schema of what users write for a zod schema. The API server drops unknown fields by itself, so nothing is said about
 * them; only free objects keep theirs. Throws an Error that names the place of what cannot be expressed.
 */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  return rewrite(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }), '');
}

function rewrite(node: Json, path: string): StructuralSchema {
  const refused = REFUSED.find((word) => word in node);
  if (refused !== undefined) throw new Error(`${path || '.'}: ${refused} has no structural form`);
  const type = node['type'] as StructuralSchema['type'] | undefined;
  if (type === undefined) throw new Error(`${path || '.'}: has no type`);
  const kept = Object.fromEntries(KEPT.flatMap((word) => (word in node ? [[word, node[word]]] : [])));
  switch (type) {
    case 'object':
      return { type, ...kept, ...rewriteObject(node, path) };
    case 'array': {
      // A list without keys belongs to its writer as a whole.
      const list = 'x-kubernetes-list-type' in kept ? {} : { 'x-kubernetes-list-type': 'atomic' };
      return { type, ...kept, ...list, items: rewrite(node['items'] as Json, `${path}[]`) };
    }
    case 'integer':
      return { type, format: 'int64', ...withoutJavaScriptBounds(kept) };
    case 'string':
      return { type, ...kept, ...form(node) };
    case 'number':
    case 'boolean':
      return { type, ...kept };
  }
}

function rewriteObject(node: Json, path: string): Partial<StructuralSchema> {
  const { properties, required, additionalProperties } = node as {
    properties?: Readonly<Record<string, Json>>;
    required?: readonly string[];
    additionalProperties?: Json | boolean;
  };
  if (properties !== undefined) {
    const entries = Object.entries(properties).map(([key, child]) => [key, rewrite(child, `${path}.${key}`)] as const);
    return {
      ...(entries.length === 0 ? {} : { properties: Object.fromEntries(entries) }),
      ...(required === undefined || required.length === 0 ? {} : { required }),
    };
  }
  if (typeof additionalProperties !== 'object' || Object.keys(additionalProperties).length === 0) {
    return { 'x-kubernetes-preserve-unknown-fields': true };
  }
  return { additionalProperties: rewrite(additionalProperties, `${path}.*`) };
}

/** The bounds that zod gives every integer are those of JavaScript, not of the field. */
function withoutJavaScriptBounds(kept: Json): Json {
  const theirs: readonly unknown[] = [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => !theirs.includes(value)));
}

/** A time is checked by its format alone, so that offsets are welcome; a rule in CEL stands for a pattern, since its message helps. */
function form(node: Json): Json {
  if (node['format'] === 'date-time') return { format: 'date-time' };
  return 'pattern' in node && !('x-kubernetes-validations' in node) ? { pattern: node['pattern'] } : {};
}
