/** The direction of everything: which package may import which, and the order of core's folders. */
const order = [
  'jose',
  'protocol-error',
  'client-certificate',
  'client-registration',
  'client-authentication',
  'dpop',
  'grant',
  'authorization',
  'token',
  'resource-request',
  'metadata',
  'port',
  'endpoint',
]
const packages = {
  x509: [],
  core: ['x509'],
  edge: ['x509', 'core'],
  ui: [],
  server: ['x509', 'core', 'edge', 'ui'],
  guard: ['x509', 'core', 'edge'],
  client: ['x509', 'core'],
  'proxy-config': ['x509', 'edge'],
  cli: ['x509', 'core', 'edge', 'server', 'guard', 'client', 'proxy-config', 'ui'],
}
const notTests = { pathNot: '\\.test(-d)?\\.ts$|/(conformance|bench|scripts)/' }

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    ...Object.entries(packages).map(([name, allowed]) => ({
      name: `${name}-imports-only-what-is-left-of-it`,
      severity: 'error',
      from: { path: `^packages/${name}/src`, ...notTests },
      to: { path: '^packages/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
    })),
    {
      name: 'nothing-published-imports-the-testkit',
      severity: 'error',
      from: { path: '^packages/(?!testkit)', ...notTests },
      to: { path: '^packages/testkit' },
    },
    {
      name: 'pure-packages-touch-no-node-module-but-crypto',
      severity: 'error',
      from: { path: '^packages/(x509|core)/src', ...notTests },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'core-touches-no-node-module',
      severity: 'error',
      from: { path: '^packages/core/src', ...notTests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-packages-have-no-dependencies',
      severity: 'error',
      from: { path: '^packages/(x509|core)/src', ...notTests },
      to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'], pathNot: '^packages/' },
    },
    {
      name: 'ports-are-known-to-endpoints-alone',
      comment: 'A decision is a function on plain data; only a sequence calls a port.',
      severity: 'error',
      from: { path: '^packages/core/src/(?!endpoint|port|index)', ...notTests },
      to: { path: '^packages/core/src/port/', dependencyTypesNot: ['type-only'] },
    },
    ...order.map((folder, at) => ({
      name: `core-${folder}-imports-only-folders-before-it`,
      severity: 'error',
      from: { path: `^packages/core/src/${folder}/`, ...notTests },
      to: {
        path: '^packages/core/src/[^/]+/',
        pathNot: `^packages/core/src/(${[...order.slice(0, at + 1), 'port'].join('|')})/`,
      },
    })),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|\\.cache' },
    enhancedResolveOptions: {
      conditionNames: ['holdfast-source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.json'],
    },
  },
}
