// SPDX-License-Identifier: Apache-2.0
import type { SchemaIssue, StandardSchema } from '@grit/plugin-api';
import type { AzureOptions } from './azure/azure-options.js';
import type { S3Options } from './s3/s3-options.js';

/** Where a store is: in a bucket of S3 or in a container of Azure Blob. */
export type BlobConfig = { readonly s3: S3Options } | { readonly azure: AzureOptions };

/** Of the plugin where only the stores of a cluster are opened with it, each of which says where it is: `{}`. */
export type NoStore = Readonly<Record<string, never>>;

/** A key is a scalar of this type, or has keys of its own. */
type Fields = { readonly [key: string]: 'string' | 'boolean' | Fields };

const BLOCKS: { readonly [block: string]: { readonly required: string; readonly fields: Fields } } = {
  s3: {
    required: 'bucket',
    fields: {
      bucket: 'string',
      prefix: 'string',
      region: 'string',
      endpoint: 'string',
      forcePathStyle: 'boolean',
      credentials: { accessKeyId: 'string', secretAccessKey: 'string', sessionToken: 'string' },
      ca: 'string',
      checksums: 'boolean',
      serverSideEncryption: 'string',
      kmsKeyId: 'string',
      storageClass: 'string',
    },
  },
  azure: {
    required: 'container',
    fields: {
      account: 'string',
      container: 'string',
      prefix: 'string',
      endpoint: 'string',
      accountKey: 'string',
      sas: 'string',
      sasFile: 'string',
      connectionString: 'string',
      clientId: 'string',
      ca: 'string',
    },
  },
};
const CREDENTIALS = ['accessKeyId', 'secretAccessKey'];

/** The configuration with its secrets in it: `xFrom` has become `x` by now. No message has a value in it. */
export const blobSchema: StandardSchema<BlobConfig> = {
  '~standard': {
    version: 1,
    vendor: 'grit',
    validate: (value) => {
      const issues: SchemaIssue[] = [];
      const config = value ?? {};
      if (!isObject(config)) return { issues: [{ message: 'expected an object' }] };
      checkKeys(config, Object.keys(BLOCKS), [], issues);
      const given = Object.keys(BLOCKS).filter((block) => config[block] !== undefined);
      const [block] = given;
      if (block === undefined || given.length > 1) issues.push({ message: 'expected either s3 or azure' });
      else checkBlock(config[block], block, issues);
      return issues.length > 0 ? { issues } : { value: config as unknown as BlobConfig };
    },
  },
};

/** Of the plugin: as {@link blobSchema}, or nothing at all. */
export const pluginSchema: StandardSchema<BlobConfig | NoStore> = {
  '~standard': {
    ...blobSchema['~standard'],
    validate: (value) => {
      const isEmpty = isObject(value) && Object.keys(value).length === 0;
      return value === undefined || isEmpty ? { value: {} } : blobSchema['~standard'].validate(value);
    },
  },
};

function checkBlock(value: unknown, name: string, issues: SchemaIssue[]): void {
  const block = BLOCKS[name];
  if (block === undefined) return;
  checkFields(value, block.fields, [name], issues);
  if (!isObject(value)) return;
  if (value[block.required] === undefined) issues.push({ message: 'required', path: [name, block.required] });
  const { credentials } = value;
  if (!isObject(credentials)) return;
  for (const key of CREDENTIALS) {
    if (credentials[key] === undefined) issues.push({ message: 'required', path: [name, 'credentials', key] });
  }
}

function checkFields(value: unknown, fields: Fields, path: readonly string[], issues: SchemaIssue[]): void {
  if (!isObject(value)) {
    issues.push({ message: 'expected an object', path });
    return;
  }
  checkKeys(value, Object.keys(fields), path, issues);
  for (const [key, type] of Object.entries(fields)) {
    const found = value[key];
    if (found === undefined) continue;
    if (typeof type === 'object') checkFields(found, type, [...path, key], issues);
    else if (typeof found !== type) issues.push({ message: `expected ${type}`, path: [...path, key] });
  }
}

function checkKeys(
  value: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path: readonly string[],
  issues: SchemaIssue[],
): void {
  for (const key of Object.keys(value).filter((each) => !known.includes(each))) {
    issues.push({ message: `unknown key; known are: ${known.join(', ')}`, path: [...path, key] });
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
