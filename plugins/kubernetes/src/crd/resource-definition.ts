// SPDX-License-Identifier: Apache-2.0
import type { z } from 'zod';
import { GROUP, VERSION } from '../api/group.js';
import type { ResourceType } from '../api/kinds.js';
import type { Rule } from '../api/schema-marks.js';
import { structuralSchema, type StructuralSchema } from './structural-schema.js';

/** A column of `kubectl get`. */
export interface Column {
  readonly name: string;
  readonly jsonPath: string;
  /** Default: string. */
  readonly type?: 'string' | 'integer' | 'date';
  /** Only with `-o wide`. */
  readonly wide?: boolean;
  readonly description: string;
}

/** What there is to say of one of our kinds, beside its schemas. */
export interface ResourceDefinition {
  readonly type: ResourceType;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly description: string;
  readonly spec: { readonly schema: z.ZodType; readonly description: string; readonly required: boolean };
  readonly status: { readonly schema: z.ZodType; readonly description: string };
  readonly columns: readonly Column[];
  /** Rules on the spec as a whole. */
  readonly rules: readonly Rule[];
  /** Fields that lists and watches can be narrowed by. */
  readonly selectable?: readonly string[];
}

/** The last column of every kind. */
export const AGE: Column = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'Time since the object was made.',
};

/** The schema of a whole object of the kind. */
export function objectSchema(definition: ResourceDefinition): StructuralSchema {
  const { description, spec, status, rules } = definition;
  const marks = rules.length === 0 ? {} : { 'x-kubernetes-validations': rules };
  return {
    type: 'object',
    description,
    properties: {
      // What explains these two to users, the API server says by itself.
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      spec: { ...structuralSchema(spec.schema), description: spec.description, ...marks },
      status: { ...structuralSchema(status.schema), description: status.description },
    },
    ...(spec.required ? { required: ['spec'] } : {}),
  };
}

/** The CustomResourceDefinition of a kind, as it is applied. */
export function customResourceDefinition(definition: ResourceDefinition): object {
  const { type, singular, shortNames, columns, selectable = [] } = definition;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${type.plural}.${GROUP}`, labels: { 'app.kubernetes.io/part-of': 'grit' } },
    spec: {
      group: GROUP,
      scope: type.namespaced ? 'Namespaced' : 'Cluster',
      names: {
        kind: type.kind,
        listKind: `${type.kind}List`,
        plural: type.plural,
        singular,
        shortNames,
        categories: ['grit'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns.map(column),
          ...(selectable.length === 0 ? {} : { selectableFields: selectable.map((jsonPath) => ({ jsonPath })) }),
          schema: { openAPIV3Schema: objectSchema(definition) },
        },
      ],
    },
  };
}

function column({ name, type = 'string', jsonPath, wide = false, description }: Column): object {
  return { name, type, jsonPath, description, ...(wide ? { priority: 1 } : {}) };
}
