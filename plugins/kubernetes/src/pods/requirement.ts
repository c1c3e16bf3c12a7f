// SPDX-License-Identifier: Apache-2.0
/** A requirement of a selector. */
export interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** Whether a value, or none, fulfils it; undefined for an operator that selectors of labels do not have. */
export function fulfils({ operator, values = [] }: Requirement, value: string | undefined): boolean | undefined {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return undefined;
  }
}

/** As the API server takes it in a query, and kubectl shows it. */
export function requirementText({ key, operator, values = [] }: Requirement): string {
  const list = values.join(',');
  switch (operator) {
    case 'In':
      return `${key} in (${list})`;
    case 'NotIn':
      return `${key} notin (${list})`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return `${key} ${operator} ${list}`;
  }
}
