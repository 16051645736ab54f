import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'

// Faults that no test of behaviour shows, because the code that would have them looks alike from outside.

const root = resolve(import.meta.dirname, '../..')
const sources = globSync('packages/{x509,core,edge,server,guard,client,cli}/src/**/*.ts', { cwd: root })
  .filter((path) => !/\.test(-d)?\.ts$/.test(path))
  .map((path) => ts.createSourceFile(path, readFileSync(resolve(root, path), 'utf8'), ts.ScriptTarget.Latest, true))

test('P10: a secret is never compared with an operator or a method that stops at the first difference', () => {
  // The one that is left compares the names of headers.
  assert.deepEqual(
    comparisonsOfSecrets(sources).map((place) => place.replace(/:[0-9]+ /, ' ')),
    ['packages/edge/src/request-gate.ts lines.failure.header.toLowerCase() === names.secret'],
  )
  const sample = (text: string): number =>
    comparisonsOfSecrets([ts.createSourceFile('x.ts', text, ts.ScriptTarget.Latest, true)]).length
  for (const text of [
    'a.secret === b',
    'x !== password',
    'client.secretHash == given',
    'b.equals(secret)',
    'secrets.includes(x)',
  ])
    assert.equal(sample(text), 1, text)
  for (const text of [
    'secret === undefined',
    "secret !== ''",
    "typeof secret === 'string'",
    "evidence.secret === 'matched'",
    'secret.length === n',
  ])
    assert.equal(sample(text), 0, text)
  const constant = sources.filter((source) => source.text.includes('timingSafeEqual('))
  for (const file of [
    'packages/edge/src/proxy-proof.ts',
    'packages/guard/src/request-facts/proxy-secret.ts',
    'packages/server/src/client-secret/client-secret-hash.ts',
  ])
    assert.ok(
      constant.some(({ fileName }) => fileName === file),
      file,
    )
})

test('CVE-2021-44532, CVE-2026-22747: Node’s rendering of a client’s names, and its verdict on a chain, are never read', () => {
  const forbidden = ['subjectAltName', 'subjectaltname', 'checkEmail', 'checkIP', 'authorized', 'authorizationError']
  // The doctor is a client: what it reads there is the certificate of a server.
  assert.deepEqual(
    placesOf(forbidden, isMember).filter((place) => !place.startsWith('packages/cli/src/doctor/')),
    [],
  )
})

test('Node 20: what a TLS connection is, is asked in secureConnection and nowhere later', () => {
  const getters = [
    'getPeerCertificate',
    'getPeerX509Certificate',
    'getCipher',
    'getProtocol',
    'isSessionReused',
    'getSession',
  ]
  const files = new Set(placesOf(getters, isMember).map((place) => place.split(':')[0]))
  const taken = [
    'packages/edge/src/proxy-certificate.ts',
    'packages/edge/src/tls-facts.ts',
    'packages/edge/src/tls-listener.ts',
  ]
  assert.deepEqual(
    [...files].filter((file) => file?.startsWith('packages/edge/') || file?.startsWith('packages/server/')).toSorted(),
    taken,
  )
})

test('CVE-2026-21637, CVE-2019-0215: no callback of TLS can throw, and no certificate comes after the handshake', () => {
  const names = [
    'SNICallback',
    'ALPNCallback',
    'pskCallback',
    'renegotiate',
    'resumeSession',
    'newSession',
    'OCSPRequest',
    'addContext',
  ]
  assert.deepEqual(
    placesOf(names, () => true),
    [],
  )
})

test('CVE-2024-10270: regular expressions are our own, and none takes more than linear time', () => {
  const slow: string[] = []
  const made: string[] = []
  const tried = new Set<string>()
  for (const source of sources)
    walk(source, (node) => {
      if (ts.isRegularExpressionLiteral(node) && !tried.has(node.text)) {
        tried.add(node.text)
        if (isSlow(node.text)) slow.push(placeOf(source, node, node.text))
      }
      if (ts.isNewExpression(node) && node.expression.getText(source) === 'RegExp') made.push(source.fileName)
    })
  assert.ok(isSlow('/^(a+)+$/') && isSlow('/a+b/') && !isSlow('/^a+$/'))
  assert.deepEqual(slow, [])
  // Made of constants of its own file; and of the operator's own proxy configuration, which is read on his machine.
  assert.deepEqual(made, [
    'packages/cli/src/doctor/local/haproxy-sites.ts',
    'packages/client/src/transport/bearer-challenge.ts',
  ])
})

test('nothing that arrived is ever run as code', () => {
  const found: string[] = []
  for (const source of sources)
    walk(source, (node) => {
      if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return
      const called = node.expression.getText(source)
      if (['eval', 'Function', 'exec', 'execSync', 'vm.runInContext'].includes(called))
        found.push(placeOf(source, node, called))
    })
  assert.deepEqual(found, [])
})

function comparisonsOfSecrets(files: readonly ts.SourceFile[]): readonly string[] {
  const found: string[] = []
  for (const source of files)
    walk(source, (node) => {
      if (ts.isBinaryExpression(node) && equality.has(node.operatorToken.kind)) {
        const sides = [node.left, node.right]
        if (sides.some(isSecret) && !sides.some(isHarmless)) found.push(placeOf(source, node, node.getText(source)))
      }
      if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
        const { expression, name } = node.expression
        const early = ['equals', 'compare', 'includes', 'indexOf', 'localeCompare', 'startsWith', 'endsWith'].includes(
          name.text,
        )
        if (early && [expression, ...node.arguments].some(isSecret) && !node.arguments.some(isHarmless))
          found.push(placeOf(source, node, node.getText(source)))
      }
    })
  return found
}

function isSecret(node: ts.Expression): boolean {
  if (ts.isPropertyAccessExpression(node)) return secretName.test(node.name.text)
  return ts.isIdentifier(node) && secretName.test(node.text)
}

/** Absence, a kind, or a literal: what a comparison tells anyway. */
function isHarmless(node: ts.Expression): boolean {
  return (
    ts.isStringLiteral(node) ||
    ts.isTypeOfExpression(node) ||
    node.kind === ts.SyntaxKind.NullKeyword ||
    (ts.isIdentifier(node) && node.text === 'undefined')
  )
}

function placesOf(names: readonly string[], where: (node: ts.Identifier) => boolean): readonly string[] {
  const found: string[] = []
  for (const source of sources)
    walk(source, (node) => {
      if (ts.isIdentifier(node) && names.includes(node.text) && where(node))
        found.push(placeOf(source, node, node.text))
    })
  return found
}

function isMember(node: ts.Identifier): boolean {
  const { parent } = node
  return (ts.isPropertyAccessExpression(parent) && parent.name === node) || ts.isBindingElement(parent)
}

/** Whether a regular expression, given long runs of what such expressions repeat, takes time that no line of ours is worth. */
function isSlow(literal: string): boolean {
  const end = literal.lastIndexOf('/')
  const expression = new RegExp(literal.slice(1, end), literal.slice(end + 1).replace(/[gy]/g, ''))
  // Short ones first: what is exponential must not be met at full length.
  for (const length of [24, 30, 300, 3_000, 30_000])
    for (const piece of pieces)
      for (const tail of ['', '\0']) {
        const text = piece.repeat(length / piece.length) + tail
        // What is slow once may have met the garbage collector; what is slow three times is slow.
        if (isOver(expression, text) && isOver(expression, text) && isOver(expression, text)) return true
      }
  return false
}

function isOver(expression: RegExp, text: string): boolean {
  const before = process.cpuUsage()
  expression.test(text)
  const { user, system } = process.cpuUsage(before)
  return user + system > allowedMicroseconds
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  node.forEachChild((child) => walk(child, visit))
}

function placeOf(source: ts.SourceFile, node: ts.Node, text: string): string {
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source))
  return `${relative(root, resolve(root, source.fileName))}:${line + 1} ${text}`
}

const pieces = [
  'a',
  'A',
  '0',
  ' ',
  '\t',
  '\n',
  '.',
  ',',
  '=',
  '-',
  ':',
  '/',
  '+',
  '\\',
  '"',
  'a.',
  'a,',
  'a:',
  'a=',
  '0.',
  ', ',
  '%41',
  '[]',
]
/** A linear expression takes less than a hundredth of it. */
const allowedMicroseconds = 40_000
const secretName =
  /^(client)?(secret|password|passphrase)s?(hash|digest)?$|(secret|password|passphrase)s?(hash|digest)?$/i
const equality: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
])
