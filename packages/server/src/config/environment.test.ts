import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '@holdfast/testkit'
import { accepted, minimal, refused, sqlitePath } from './loaded-file.test.ts'

test('flag goes over environment, environment over file', async (t) => {
  const environment = {
    HOLDFAST_STORE_URL: 'sqlite:env.db',
    HOLDFAST_LIMITS_BODY_BYTES: '2048',
    HOLDFAST_LOG_LEVEL: 'warn',
  }
  const flags = { 'store.url': 'sqlite:flag.db' }
  const { configuration, directory } = await accepted(t, `${minimal}\nlog: { level: debug }\n`, { environment, flags })
  assert.equal(sqlitePath(configuration), join(directory, 'flag.db'))
  assert.equal(configuration.limits.bodyBytes, 2048)
  assert.equal(configuration.log.level, 'warn')
})

test('a secret can come from a mounted file', async (t) => {
  const directory = await temporaryDirectory(t)
  writeFileSync(join(directory, 'url'), 'sqlite:mounted.db\n')
  const { configuration } = await accepted(t, minimal, {
    environment: { HOLDFAST_STORE_URL_FILE: join(directory, 'url') },
  })
  assert.match(sqlitePath(configuration), /mounted\.db$/)
})

test('the master key file has its variable', async (t) => {
  const without = minimal.replace(/keys:.*\n/, '')
  assert.deepEqual(
    (await refused(t, without)).map(({ path }) => path),
    ['keys.master-key-file'],
  )
  const { configuration } = await accepted(t, without, {
    environment: { HOLDFAST_KEYS_MASTER_KEY_FILE: '/run/secrets/master' },
  })
  assert.equal(configuration.keys.masterKeyFile, '/run/secrets/master')
})

test('a mistyped variable is a problem, one of somebody else is not', async (t) => {
  const environment = {
    HOLDFAST_STORE_ULR: 'x',
    HOLDFAST_PORT: 'tcp://10.0.0.1:443',
    HOLDFAST_SERVICE_HOST: '10.0.0.1',
  }
  const problems = await refused(t, minimal, { environment })
  assert.deepEqual(
    problems.map(({ problem, hint }) => [problem, hint]),
    [['no setting has the variable HOLDFAST_STORE_ULR', 'did you mean HOLDFAST_STORE_URL?']],
  )
})

test('a value from the environment that does not fit names its variable', async (t) => {
  const [problem] = await refused(t, minimal, { environment: { HOLDFAST_LIMITS_BODY_BYTES: 'many' } })
  assert.match(problem?.problem ?? '', /HOLDFAST_LIMITS_BODY_BYTES/)
})

test('a variable whose section is mistyped, or that names a whole section, is a problem', async (t) => {
  const environment = { HOLDFAST_STROE_URL: 'x', HOLDFAST_LOG: 'debug', HOLDFAST_DEBUG: '1' }
  const problems = await refused(t, minimal, { environment })
  assert.deepEqual(problems.map(({ problem }) => problem).sort(), [
    'no setting has the variable HOLDFAST_LOG',
    'no setting has the variable HOLDFAST_STROE_URL',
  ])
})

test('a value and a file of the same setting contradict each other; a file that cannot be read is named', async (t) => {
  const both = await refused(t, minimal, {
    environment: { HOLDFAST_STORE_URL: 'sqlite:x.db', HOLDFAST_STORE_URL_FILE: '/nowhere/url' },
  })
  assert.deepEqual(
    both.map(({ problem }) => problem),
    ['HOLDFAST_STORE_URL and HOLDFAST_STORE_URL_FILE are both set'],
  )
  const missing = await refused(t, minimal, { environment: { HOLDFAST_STORE_URL_FILE: '/nowhere/url' } })
  assert.deepEqual(
    missing.map(({ problem }) => problem),
    ['cannot read /nowhere/url, named by HOLDFAST_STORE_URL_FILE (ENOENT)'],
  )
})
