// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { MANIFESTS } from '../kubernetes/install.js';
import { readFolder } from './manifests.js';

/** A schema of a CustomResourceDefinition. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly 'x-kubernetes-validations'?: readonly { readonly message: string }[];
}

interface Definition {
  readonly names: { readonly kind: string };
  readonly versions: readonly [{ readonly schema: { readonly openAPIV3Schema: Schema } }];
}

/** The schema of each kind, as it is applied. */
export function readSchemas(): ReadonlyMap<string, Schema> {
  const definitions = readFolder(join(MANIFESTS, 'crds')).flatMap(({ objects }) => objects);
  return new Map(
    definitions.map(({ spec }) => {
      const { names, versions } = spec as unknown as Definition;
      return [names.kind, versions[0].schema.openAPIV3Schema];
    }),
  );
}

/** A schema with all that are below it, and their paths. */
export function walk(schema: Schema, path: string): readonly { readonly path: string; readonly schema: Schema }[] {
  const { properties = {}, items, additionalProperties } = schema;
  return [
    { path, schema },
    ...Object.entries(properties).flatMap(([key, child]) => walk(child, `${path}.${key}`)),
    ...(items === undefined ? [] : walk(items, `${path}[]`)),
    ...(additionalProperties === undefined ? [] : walk(additionalProperties, `${path}.*`)),
  ];
}
