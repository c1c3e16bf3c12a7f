// SPDX-License-Identifier: Apache-2.0
import { isAbsolute, join, normalize } from 'node:path';
import { GritError, type JsonObject, type StorageFactory } from '@grit/plugin-api';
import { PvcStorage } from './pvc-storage.js';

/** Where in a claim the images are, unless the store says otherwise: the rest of the claim is its owner's. */
const DIRECTORY = 'grit-images';
const KEYS = ['path'];

/** Stores of a cluster: a directory that all nodes have mounted, or one in a claim. */
export const pvcFactory: StorageFactory = {
  id: 'storage-pvc',
  open: (config, { path: claim }) => Promise.resolve(new PvcStorage({ path: placeOf(config, claim), create: true })),
};

function placeOf(config: JsonObject, claim: string | undefined): string {
  const unknown = Object.keys(config).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw invalid(`${unknown}: unknown key; known are: ${KEYS.join(', ')}`);
  const { path } = config;
  if (path !== undefined && typeof path !== 'string') throw invalid('path: expected a string');
  if (claim === undefined) {
    if (path !== undefined && isAbsolute(path)) return normalize(path);
    throw invalid('path: expected the absolute path of a directory that every node has mounted');
  }
  const inside = normalize(path ?? DIRECTORY);
  if (!isAbsolute(inside) && inside.split('/')[0] !== '..') return join(claim, inside);
  throw invalid(`path: ${inside} leaves the claim; expected a relative path`);
}

function invalid(message: string): GritError {
  return new GritError('GRIT_CONFIG_INVALID', `storage-pvc: ${message}`);
}
