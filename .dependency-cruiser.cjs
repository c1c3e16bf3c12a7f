// SPDX-License-Identifier: Apache-2.0
// The layers of the house, as far as they are planned: a folder that does not exist yet already has its rule.

const OURS = 'core|runtimes|storage-providers|plugins|deploy|test|bench|examples|scripts';
const PLUGIN_MAY = ['core/plugin-api', 'core/image', 'core/queue'];
// A plugin's own tests may stand on the test platform.
const TESTS_MAY = [...PLUGIN_MAY, 'core/engine', 'core/plugin-testing'];

/** Code below `from` may import, of our own code, only itself and `may`; what is below `except` has a rule of its own. */
const layer = (from, may, except, source = `${from}/src/`) => ({
  name: `layer-${from.replaceAll('/', '-')}`,
  severity: 'error',
  comment: `${from} imports only: ${may.join(', ') || 'nothing of ours'}`,
  from: { path: `^${source}`, ...(except === undefined ? {} : { pathNot: `^${except}` }) },
  to: { path: `^(${OURS})/`, pathNot: `^(${[from, ...may].join('|')})/` },
});

/** Only code below `folders` may import these npm packages. */
const only = (name, packages, folders) => ({
  name,
  severity: 'error',
  comment: `${packages} only in ${folders.join(', ')}`,
  from: { pathNot: `^(${folders.join('|')})/` },
  to: { path: `(^|/)node_modules/(${packages})/` },
});

/** Each package of a family of plugins, which must not import its sisters. */
const family = (folder, may, part = 'src') => ({
  name: `layer-${folder}${part === 'src' ? '' : `-${part}`}`,
  severity: 'error',
  comment: `a package of ${folder} imports, of ours, only: ${may.join(', ')}`,
  from: { path: `^(${folder}/[^/]+)/${part}/`, pathNot: '^runtimes/nvidia/' },
  to: { path: `^(${OURS})/`, pathNot: `^($1|${may.join('|')})/` },
});

module.exports = {
  forbidden: [
    layer('core/plugin-api', []),
    layer('core/image', ['core/plugin-api']),
    layer('core/queue', ['core/plugin-api']),
    layer('core/engine', ['core/plugin-api', 'core/image', 'core/queue']),
    layer('core/cli', ['core/plugin-api', 'core/engine'], 'core/cli/src/kubectl/'),
    // kubectl grit speaks the language of the custom resources, which is the plugin's.
    layer(
      'core/cli/src/kubectl',
      ['core/cli', 'core/plugin-api', 'plugins/kubernetes'],
      undefined,
      'core/cli/src/kubectl/',
    ),
    layer('core/plugin-testing', ['core/plugin-api', 'core/image', 'core/queue', 'core/engine']),
    layer('core/create-plugin', ['core/plugin-api']),
    // nvidia builds on criu: the one plugin that imports another.
    layer('runtimes/nvidia', [...PLUGIN_MAY, 'runtimes/criu']),
    ...['runtimes', 'plugins'].flatMap((folder) => [family(folder, PLUGIN_MAY), family(folder, TESTS_MAY, 'test')]),
    family('storage-providers', PLUGIN_MAY),
    // Real servers of object stores, which are started from here and there.
    family('storage-providers', [...TESTS_MAY, 'test/fixtures/object-stores'], 'test'),
    only('bullmq-in-queue', 'bullmq|ioredis', ['core/queue', 'test', 'bench', 'examples']),
    only('tsyringe-in-engine', 'tsyringe', ['core/engine']),
    // Decorators: of the container, and of what @peculiar/x509 is made of.
    only('reflect-metadata-where-decorated', 'reflect-metadata', ['core/engine', 'plugins/kubernetes']),
    only('kubernetes-client-in-plugin', '@kubernetes/client-node', ['plugins/kubernetes', 'test']),
    {
      name: 'plugin-api-without-packages',
      severity: 'error',
      comment: 'the contract has no third-party runtime dependency',
      from: { path: '^core/plugin-api/src/' },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'public-file-only',
      severity: 'error',
      comment:
        'src/index.ts is the only public file of a package; the engine has src/client.ts too; bench/wire measures what is inside of one',
      from: { path: '^([^/]+/[^/]+)/', pathNot: '^bench/wire/' },
      to: {
        path: '^(core|runtimes|storage-providers|plugins)/[^/]+/(src|dist|test)/',
        pathNot: ['^$1/', '^[^/]+/[^/]+/(src|dist)/index\\.', '^core/engine/(src|dist)/client\\.'],
      },
    },
    {
      name: 'no-cycle',
      severity: 'error',
      // A type may point back at the module that uses it; running code may not.
      from: { path: '/src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: { pathNot: '^examples/third-party-plugin/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-dependency',
      severity: 'error',
      comment: 'shipped code imports only what its own package.json declares for run time',
      from: { path: '/src/' },
      // What is a peer too is had from whoever installs us.
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only', 'npm-peer'],
      },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '/dist/'] },
    exclude: { path: '^examples/third-party-plugin/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
