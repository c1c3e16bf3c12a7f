// SPDX-License-Identifier: Apache-2.0
import type { StorageProvider } from '@grit/plugin-api';
import type { Answer } from '../../fixtures/object-stores/fault-proxy.js';
import type { Patience, PlaceConfig } from './open-place.js';

/** Where a client connects to, and below which prefix it keeps its store. */
export interface Place {
  readonly endpoint: string;
  readonly prefix: string;
  /** Default: that of the service. */
  readonly bucket?: string;
  /** Default: patient. */
  readonly patience?: Patience;
}

/** What is in a bucket. */
export interface RawObject {
  /** Without the prefix. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
}

/** How the service says what is wrong. */
export interface Answers {
  readonly tooMany: Answer;
  readonly failed: Answer;
  /** With a time after which it may be tried again. */
  readonly busy: Answer;
  /** In the service's own words. */
  readonly slow: Answer;
  readonly expired: Answer;
  readonly denied: Answer;
}

/** A real object store that was started for the tests. */
export interface Service {
  readonly name: string;
  /** Past any proxy. */
  readonly endpoint: string;
  /** What paths have before the keys. */
  readonly root: string;
  readonly answers: Answers;
  /** Whether the service is told what the bytes of objects should be. Else their manifest tells those who read them. */
  readonly checksums: boolean;
  /** For another process. */
  config(place: Place): PlaceConfig;
  /** A store below the prefix. */
  provider(place: Place): StorageProvider;
  /** All that is really there. */
  objects(place: Pick<Place, 'prefix' | 'bucket'>): Promise<RawObject[]>;
  /** Keys of uploads that were begun and neither completed nor given up. */
  unfinished(prefix: string): Promise<string[]>;
  stop(): Promise<void>;
}
