import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { temporaryDirectory } from '@holdfast/testkit'
import { run } from '../run.ts'
import type { ExitCode } from '../terminal.ts'

interface Registrations {
  readonly subject: readonly string[]
  readonly registrations: readonly { readonly by: string; readonly record: Readonly<Record<string, unknown>> }[]
}

const subject = 'CN=tpp.example,organizationIdentifier=PSDGB-FCA-123456,O=Payments Ltd,C=GB'
const folder = await temporaryDirectory({ after })
await done('init')
await done('ca', 'init')
const psd2 = ['--psd2-role', 'PSP_AI', '--psd2-authority', 'GB-FCA:Financial Conduct Authority']
const names = ['--dns', 'tpp.example', '--uri', 'spiffe://tpp.example/payments', '--ip', '192.0.2.7']
await done('cert', 'client', '--subject', subject, ...names, '--email', 'zoë@tpp.example', ...psd2, '--out', 'tpp')
await done('cert', 'self-signed', '--subject', 'CN=meter', '--out', 'meter')
await done('cert', 'server', 'only.example', '--out', 'server-only')

for (const [certificate, kinds] of [
  [
    'tpp.pem',
    [
      'spiffe_id',
      'tls_client_auth_san_dns',
      'tls_client_auth_san_uri',
      'tls_client_auth_san_ip',
      'tls_client_auth_san_email',
      'certificate_organization_identifier',
      'tls_client_auth_subject_dn',
      'tls_client_auth_subject_dn',
      'certificate_thumbprints',
      'jwks',
    ],
  ],
  ['meter.pem', ['certificate_thumbprints', 'jwks']],
] as const) {
  test(`each record that is printed for ${certificate} lets it in, when it is pasted`, async () => {
    const printed = await registrations(certificate)
    const standing = ['client_id', 'token_endpoint_auth_method', 'trust', 'grant_types']
    assert.deepEqual(
      printed.map((record) => Object.keys(record).find((member) => !standing.includes(member))),
      kinds,
    )
    writeFileSync(join(folder, 'pasted.yaml'), configurationWith(printed))
    await done('check', '--config', 'pasted.yaml')
    for (const { client_id: client } of printed) {
      const told = await done(
        'explain',
        '--config',
        'pasted.yaml',
        '--client-id',
        String(client),
        '--cert',
        certificate,
      )
      assert.match(told, /^let in: a token/m, String(client))
    }
  })
}

test('the text form is what the JSON says, as YAML', async () => {
  const text = await done('cert', 'registration', 'tpp.pem', '--trust', 'partners', '--client-id', 'tpp')
  const list = text.slice(text.indexOf('\n', text.indexOf('clients: one of')))
  writeFileSync(
    join(folder, 'text.yaml'),
    configurationWith([], `clients:${list.replaceAll(/client_id: tpp$/gm, numbered())}`),
  )
  await done('check', '--config', 'text.yaml')
})

test('the subject is shown attribute by attribute, from the top of the certificate', async () => {
  const answer = JSON.parse(await done('cert', 'registration', 'tpp.pem', '--json')) as Registrations
  assert.deepEqual(answer.subject, [
    'C = GB',
    'O = Payments Ltd',
    'organizationIdentifier = PSDGB-FCA-123456',
    'CN = tpp.example',
  ])
})

test('a name that was given is compared, and what to write instead is said', async () => {
  const compare = (name: string): ReturnType<typeof play> => play('cert', 'registration', 'tpp.pem', '--name', name)
  assert.equal((await compare('cn=TPP.example, 2.5.4.97=PSDGB-FCA-123456, o=payments  ltd, c=gb')).exitCode, 0)
  const turned = await compare(subject.split(',').toReversed().join(','))
  assert.equal(turned.exitCode, 1)
  assert.ok(turned.stderr.includes(`hint: write ${JSON.stringify(subject)}`), turned.stderr)
  const other = await compare('CN=tpp.example')
  assert.equal(other.exitCode, 1)
  assert.ok(other.stderr.includes(`the certificate has the subject ${subject}`), other.stderr)
  const unread = await compare('CN=tpp.example,organisationIdentifier=x')
  assert.equal(unread.exitCode, 1)
  assert.match(unread.stderr, /attribute type unknown at character 16\n.*2\.5\.4\.97=#0c.*organizationIdentifier=x/)
})

test('a certification authority is no client, and a certificate for servers is none without more', async () => {
  const authority = await play('cert', 'registration', 'ca/root.pem')
  assert.equal(authority.exitCode, 1)
  assert.match(authority.stderr, /certification authority, which no client is/)
  const server = await play('cert', 'registration', 'server-only.pem')
  assert.equal(server.exitCode, 0)
  assert.match(server.stderr, /extended-key-usage: server_auth_too/)
})

test('holdfast cert show tells the organization, the PSD2 roles and who gave them', async () => {
  const shown = await done('cert', 'show', 'tpp.pem')
  assert.match(shown, /^organization +PSDGB-FCA-123456$/m)
  assert.match(shown, /^PSD2 roles +PSP_AI$/m)
  assert.match(shown, /^authorized by +GB-FCA, Financial Conduct Authority$/m)
  assert.match(shown, /^email +zoë@tpp\.example$/m)
  const [facts] = JSON.parse(await done('cert', 'show', 'tpp.pem', '--json')) as [{ readonly qualified: unknown }]
  assert.deepEqual(facts.qualified, {
    compliance: 'not_stated',
    types: ['web'],
    psd2: {
      roles: ['PSP_AI'],
      competentAuthorityName: 'Financial Conduct Authority',
      competentAuthorityId: 'GB-FCA',
    },
  })
})

async function registrations(certificate: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const printed = await done('cert', 'registration', certificate, '--trust', 'partners', '--json')
  return (JSON.parse(printed) as Registrations).registrations.map(({ record }, at) => ({
    ...record,
    client_id: `client-${at}`,
  }))
}

/** What `holdfast init` wrote, with these clients and the development CA as the trust `partners`. JSON is YAML. */
function configurationWith(clients: readonly unknown[], text?: string): string {
  const written = readFileSync(join(folder, 'holdfast.yaml'), 'utf8')
  const start = written.search(/^trust:$/m)
  const end = written.search(/^tokens:$/m)
  const trust = 'trust:\n  partners:\n    anchors: [./ca/root.pem]\n    intermediates: [./ca/issuing.pem]\n'
  return `${written.slice(0, start)}${trust}${text ?? `clients: ${JSON.stringify(clients)}`}\n${written.slice(end)}`
}

function numbered(): () => string {
  let count = 0
  return () => `client_id: tpp-${++count}`
}

async function done(...words: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await play(...words)
  assert.equal(exitCode, 0, `${words.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

async function play(
  ...words: readonly string[]
): Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: ExitCode }> {
  let stdout = ''
  let stderr = ''
  const exitCode = await run([...words], {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    environment: {},
    folder,
  })
  return { stdout, stderr, exitCode }
}
