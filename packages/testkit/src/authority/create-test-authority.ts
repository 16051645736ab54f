import type { BadCertificateKind, NameTemplate } from '@holdfast/x509/issue'
import { type KeyKind, type KeyPool, createKeyPool } from './key-pool.ts'
import {
  badTestCertificate,
  type TestCertificate,
  type TestCertificateOptions,
  type TestSigner,
  testCertificate,
} from './test-certificate.ts'

/** A root, an intermediate below it, and a hand that signs. */
export interface TestAuthority {
  readonly root: TestCertificate
  readonly rootPem: string
  readonly rootDer: Uint8Array
  /** The CA that issues: the intermediate, or the root when there is none. */
  readonly issuing: TestCertificate
  /** `undefined` when the authority was made without one. */
  readonly intermediate: TestCertificate | undefined
  /** A client certificate. */
  readonly issue: (options?: TestCertificateOptions) => TestCertificate
  /** A client certificate that must be refused. */
  readonly issueBad: (kind: BadCertificateKind, options?: TestCertificateOptions) => TestCertificate
  /** A server certificate: `serverAuth`, `commonName` and SAN for the given host names and IP addresses. */
  readonly issueServer: (hosts: readonly string[], options?: TestCertificateOptions) => TestCertificate
  /** An authority of its own, whose intermediate is signed by this one's issuing CA. */
  readonly issueAuthority: (options?: TestCertificateOptions) => TestSubordinateAuthority
}

/** A CA below another one. */
export interface TestSubordinateAuthority {
  readonly certificate: TestCertificate
  readonly issue: (options?: TestCertificateOptions) => TestCertificate
}

/** How the authority is to be made. */
export interface TestAuthorityOptions {
  /** Defaults to `Test`: the names are `CN=Test Root` and `CN=Test Issuing`. */
  readonly name?: string
  /** The kind of the authority's keys and of the keys that it issues for. Defaults to `ec-p256`. */
  readonly key?: KeyKind
  /** Defaults to `yes`. */
  readonly intermediate?: 'yes' | 'no'
  /** Changes to the root's certificate. */
  readonly rootOptions?: TestCertificateOptions
  /** Changes to the intermediate's certificate. */
  readonly intermediateOptions?: TestCertificateOptions
}

/** Makes a certification authority for tests; synchronous, about a millisecond. */
export function createTestAuthority(options: TestAuthorityOptions = {}): TestAuthority {
  const { name = 'Test', key = 'ec-p256' } = options
  const pool = createKeyPool()
  const root = testCertificate({ key, subject: authorityName(`${name} Root`), ca: {}, ...options.rootOptions }, pool)
  const intermediate =
    options.intermediate === 'no'
      ? undefined
      : testCertificate(
          { key, subject: authorityName(`${name} Issuing`), ca: { pathLength: 1 }, ...options.intermediateOptions },
          pool,
          { key: root.key, subject: root.subject, chain: [] },
        )
  const issuing = intermediate ?? root
  const signer = {
    key: issuing.key,
    subject: issuing.subject,
    chain: intermediate === undefined ? [] : [intermediate.der],
  }
  return {
    root,
    rootPem: root.pem,
    rootDer: root.der,
    issuing,
    intermediate,
    ...issuer(signer, key, pool),
  }
}

/** Makes a certificate that is signed by its own key, as `self_signed_tls_client_auth` registers it (RFC 8705 §2.2). */
export function createSelfSignedCertificate(options: TestCertificateOptions = {}): TestCertificate {
  return testCertificate(options, createKeyPool())
}

function issuer(
  signer: TestSigner,
  key: KeyKind,
  pool: KeyPool,
): Pick<TestAuthority, 'issue' | 'issueBad' | 'issueServer' | 'issueAuthority'> {
  const issue = (options: TestCertificateOptions = {}): TestCertificate =>
    testCertificate({ key, ...options }, pool, signer)
  return {
    issue,
    issueBad: (kind, options = {}) => badTestCertificate(kind, { key, ...options }, pool, signer),
    issueServer: (hosts, options) =>
      issue({
        commonName: hosts[0] ?? 'localhost',
        san: { dns: hosts.filter((host) => !isAddress(host)), ip: hosts.filter(isAddress) },
        eku: ['serverAuth'],
        keyUsage: ['digitalSignature', 'keyEncipherment'],
        ...options,
      }),
    issueAuthority(options = {}) {
      const certificate = issue({
        subject: authorityName(options.commonName ?? 'Test Subordinate'),
        ca: {},
        ...options,
      })
      const below = { key: certificate.key, subject: certificate.subject, chain: [certificate.der, ...signer.chain] }
      return { certificate, issue: issuer(below, key, pool).issue }
    },
  }
}

function authorityName(commonName: string): NameTemplate {
  return [
    { type: 'O', value: 'Holdfast Test' },
    { type: 'CN', value: commonName },
  ]
}

function isAddress(host: string): boolean {
  return host.includes(':') || /^[0-9.]+$/.test(host)
}
