import { expect, test } from 'bun:test'
import { isSecretVariable } from './names.ts'

test('which variables hold secrets', () => {
  for (const name of [
    'GITHUB_TOKEN',
    'OPENAI_API_KEY',
    'AWS_SECRET_ACCESS_KEY',
    'PGPASSWORD',
    'MYSQL_PWD',
    'DB_PASS',
    'npm_config__auth',
    'SSH_PRIVATE_KEY',
    'APP_CREDENTIALS',
    'GITLAB_PAT',
    'SENTRY_DSN',
    'apiKey',
    'AZURE_CLIENT_SECRET',
    'SSHPASS',
    'ENCRYPTION_KEY',
  ])
    expect([name, isSecretVariable(name)]).toEqual([name, true])
  for (const name of [
    'PWD',
    'OLDPWD',
    'PATH',
    'HOME',
    'SSH_AUTH_SOCK',
    'GIT_ASKPASS',
    'MAX_TOKENS',
    'TOKEN_LIMIT',
    'AWS_WEB_IDENTITY_TOKEN_FILE',
    'GOOGLE_APPLICATION_CREDENTIALS_FILE',
    'SSH_PUBLIC_KEY',
    'CACHE_KEY',
    'SECRET_NAME',
    'AUTHOR',
    'KEYBOARD',
    'BYPASS',
    'COMPASS',
    'TOKEN_URL',
    'AWS_ACCESS_KEY_ID',
  ])
    expect([name, isSecretVariable(name)]).toEqual([name, false])
})
