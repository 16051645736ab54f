import tseslint from 'typescript-eslint'

const proofTypes =
  'PresentedCertificate|TrustedCertificate|SelfSignedCertificate|AuthenticatedClient|AuthorizedGrant|VerifiedAssertion|MatchedSecret'
const proofCast = {
  selector: `TSAsExpression > TSTypeReference > Identifier[name=/^(${proofTypes})$/]`,
  message: 'A proof is made only in the file that checks it. Call that function; never cast.',
}
const randomness = {
  selector: 'MemberExpression[object.name="Math"][property.name="random"]',
  message: 'Randomness comes through the Random port, or from node:crypto at the rim.',
}

export default tseslint.config(
  { ignores: ['**/dist/**', '**/.cache/**', '**/node_modules/**', 'packages/cli/bin/**', '**/*.cjs'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'describe', 'it', 'suite'] },
          ],
        },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
      ],
      'no-restricted-syntax': ['error', proofCast, randomness],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    // Where a proof is made.
    files: [
      'packages/edge/src/presented-certificate.ts',
      'packages/core/src/client-certificate/trusted-certificate.ts',
      'packages/core/src/client-certificate/self-signed-certificate.ts',
      'packages/core/src/client-authentication/authenticated-client.ts',
      'packages/core/src/grant/authorized-grant.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', randomness] },
  },
  {
    files: ['packages/core/src/**/*.ts', 'packages/x509/src/**/*.ts'],
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'Date', message: 'Pure packages take the time as a parameter.' },
        { name: 'process', message: 'Pure packages do not look at the process.' },
      ],
    },
  },
  {
    files: [
      '**/*.test.ts',
      '**/*.test-d.ts',
      '**/conformance/**/*.ts',
      'packages/testkit/**/*.ts',
      'bench/**/*.ts',
      'packages/*/bench/**/*.ts',
    ],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      'no-console': 'off',
      'no-restricted-syntax': 'off',
    },
  },
)
