// SPDX-License-Identifier: Apache-2.0
import { basename } from 'node:path';

const SPDX = '// SPDX-License-Identifier: Apache-2.0';
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;
const EMPTY_WORDS = /(^|[-.])(utils?|helpers?|managers?|misc|common)([-.]|$)/;

const spdxHeader = {
  meta: { type: 'layout', fixable: 'code', schema: [], messages: { missing: `The file lacks the line "${SPDX}".` } },
  create: (context) => ({
    Program(node) {
      const text = context.sourceCode.getText();
      const body = text.startsWith('#!') ? text.slice(text.indexOf('\n') + 1) : text;
      if (body.startsWith(SPDX)) return;
      const at = text.length - body.length;
      context.report({
        node,
        messageId: 'missing',
        fix: (fixer) => fixer.insertTextBeforeRange([at, at], `${SPDX}\n`),
      });
    },
  }),
};

const fileName = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      kebab: 'File names are kebab-case: {{name}}.',
      empty: '{{name}}: name the file after the one idea in it.',
    },
  },
  create: (context) => ({
    Program(node) {
      const name = basename(context.filename);
      if (!KEBAB.test(name.replace(/^\./, ''))) context.report({ node, messageId: 'kebab', data: { name } });
      else if (EMPTY_WORDS.test(name)) context.report({ node, messageId: 'empty', data: { name } });
    },
  }),
};

/** The rules of CONTRIBUTING.md that no published ESLint plugin has. */
export const houseRules = { rules: { 'spdx-header': spdxHeader, 'file-name': fileName } };
