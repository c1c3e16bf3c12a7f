// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import type { KubeObject } from '../../api/metadata.js';

const REVIEW = z.object({
  apiVersion: z.literal('admission.k8s.io/v1'),
  kind: z.literal('AdmissionReview'),
  request: z.object({
    uid: z.string().min(1),
    kind: z.object({ group: z.string(), version: z.string(), kind: z.string() }),
    operation: z.enum(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']),
    name: z.string().optional(),
    namespace: z.string().optional(),
    dryRun: z.boolean().optional(),
    userInfo: z.object({ username: z.string().optional() }).optional(),
    object: z.looseObject({ metadata: z.looseObject({}) }).nullish(),
    oldObject: z.looseObject({ metadata: z.looseObject({}) }).nullish(),
  }),
});

/** What the API server asks about. */
export interface AdmissionRequest<T extends KubeObject = KubeObject> {
  readonly uid: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  readonly dryRun: boolean;
  readonly user: string;
  /** As it would be stored. Its name is empty when the API server is to make one up. */
  readonly object: T;
  readonly oldObject?: T | undefined;
}

/** One step of a JSON patch (RFC 6902). */
export type PatchStep =
  | { readonly op: 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** A yes, with what is changed and what the user is told. To say no, an AdmissionRefusal is thrown. */
export interface Admitted {
  readonly patch?: readonly PatchStep[] | undefined;
  readonly warnings?: readonly string[] | undefined;
}

/** Decides about objects of one kind. */
export type AdmissionHandler = (request: AdmissionRequest, signal: AbortSignal) => Promise<Admitted>;

/** Reads a review of version v1. Undefined when the body is none. */
export function parseReview(body: unknown): AdmissionRequest | undefined {
  const parsed = REVIEW.safeParse(body);
  if (!parsed.success) return undefined;
  const {
    uid,
    operation,
    name = '',
    namespace = '',
    dryRun = false,
    userInfo,
    object,
    oldObject,
  } = parsed.data.request;
  const subject = object ?? oldObject;
  if (subject === null || subject === undefined) return undefined;
  return {
    uid,
    operation,
    namespace,
    dryRun,
    user: userInfo?.username ?? '',
    object: named(subject, name),
    oldObject: oldObject === null || oldObject === undefined ? undefined : named(oldObject, name),
  };
}

function named(object: { metadata: Record<string, unknown> }, name: string): KubeObject {
  return { ...object, metadata: { ...object.metadata, name: object.metadata['name'] ?? name } } as KubeObject;
}
