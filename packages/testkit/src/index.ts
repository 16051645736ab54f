export {
  createSelfSignedCertificate,
  createTestAuthority,
  type TestAuthority,
  type TestAuthorityOptions,
  type TestSubordinateAuthority,
} from './authority/create-test-authority.ts'
export { certificatePem, type TestCertificate, type TestCertificateOptions } from './authority/test-certificate.ts'
export { createKeyPool, spkiOf, type KeyKind, type KeyPool } from './authority/key-pool.ts'
export type { SubjectAltNames } from './authority/subject-alt-names.ts'
export { fixedClock, type FixedClock } from './fixed-clock.ts'
export { temporaryDirectory } from './temporary-directory.ts'
