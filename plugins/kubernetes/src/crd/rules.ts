// SPDX-License-Identifier: Apache-2.0
import type { Rule } from '../api/schema-marks.js';

/** Refuses a change of the field, and tells what to do instead. */
export function unchanged(field: string, instead: string): Rule {
  return {
    rule: `has(self.${field}) == has(oldSelf.${field}) && (!has(self.${field}) || self.${field} == oldSelf.${field})`,
    message: `cannot be changed: ${instead}`,
    fieldPath: `.${field}`,
  };
}

/** Either field is needed, and not both. */
export function oneOf(first: string, second: string, meaning: string): Rule {
  return {
    rule: `has(self.${first}) != has(self.${second})`,
    message: `give either ${first} or ${second}: ${meaning}`,
    fieldPath: `.${first}`,
  };
}

/** At most one of the fields; the complaint is shown at the second. */
function notBoth(first: string, second: string, meaning: string): Rule {
  return {
    rule: `!(has(self.${first}) && has(self.${second}))`,
    message: `cannot be given together with ${first}: ${meaning}`,
    fieldPath: `.${second}`,
  };
}

/** Where both kinds of storage may be named, only one of them is. */
export const ONE_STORAGE = notBoth('volumeClaim', 'storage', 'the image goes to one place; leave one of the two out');

/** A list of containers is one of those that are in or of those that are out. */
export const ONE_LIST_OF_CONTAINERS: Rule = {
  rule: '!has(self.containers) || !(has(self.containers.include) && has(self.containers.exclude))',
  message: 'include and exclude cannot be given together: what include does not name is left out anyway',
  fieldPath: '.containers',
};
