// SPDX-License-Identifier: Apache-2.0

interface NodeBase {
  /** One or two sentences for the reference. */
  readonly description: string;
  readonly optional?: boolean | undefined;
}

/** A string, number or boolean. */
export interface ScalarNode extends NodeBase {
  readonly type: 'string' | 'number' | 'boolean';
  readonly default?: string | number | boolean | undefined;
  readonly oneOf?: readonly string[] | undefined;
  /** What the text must look like, and how to say so. */
  readonly pattern?: { readonly regex: RegExp; readonly expected: string } | undefined;
}

/** Keys that are known. */
export interface ObjectNode extends NodeBase {
  readonly type: 'object';
  readonly keys: Readonly<Record<string, SchemaNode>>;
}

/** Entries of one shape under names that the user chooses. */
export interface MapNode extends NodeBase {
  readonly type: 'map';
  readonly values: SchemaNode;
}

/** An object that somebody else checks. */
interface FreeNode extends NodeBase {
  readonly type: 'free';
}

/** A text, or an object in its place. */
export interface ChoiceNode extends NodeBase {
  readonly type: 'choice';
  readonly text: string;
  readonly object: ObjectNode;
}

/** A part of the configuration, as data: the check and the reference are both made from it. */
export type SchemaNode = ScalarNode | ObjectNode | MapNode | FreeNode | ChoiceNode;
