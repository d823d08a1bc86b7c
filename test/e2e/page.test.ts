// The page in a real Chromium, on a real engine, while a real workflow runs: what happens is what is seen, when it
// happens. Each step of the workflow waits for a file, so that the test decides how far it is.

import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { launch, missing, openPage } from '../../packages/web/test/browser.ts'
import {
  type Engine,
  launcher,
  plainEnvironment,
  samePorts,
  startEngine,
  stepwell,
  temporaryFolder,
} from '../support/engine.ts'

describe.skipIf(missing !== undefined)(`the page${missing ? `: ${missing}` : ''}`, () => {
  let engine: Engine
  let browser: Browser
  beforeAll(async () => {
    ;[engine, browser] = await Promise.all([startEngine(), launch()])
  })
  afterAll(async () => {
    await browser?.close()
    await engine?.stop()
  })

  const row = (page: Page, name: string, state: string) =>
    page.locator(`.wf-row.is-${state}`, { hasText: name })

  test('a workflow grows while it runs: steps, output, a failure, its retry, the outcome', async () => {
    const home = temporaryFolder('home')
    const env = { ...plainEnvironment(home), STEPWELL_DATA: engine.dataDir }
    const go = (name: string) => Bun.write(join(home, name), '')
    const until = (name: string) => `while ! [ -e '${home}/${name}' ]; do sleep 0.05; done`
    const step = (name: string, attempt: number, script: string) =>
      `'${launcher}' exec --agent prober --step ${name} --attempt ${attempt} -- sh -c "${script}"`
    const script = [
      step('plan', 1, `echo thinking about it; ${until('planned')}; echo planned`),
      `${step('test', 1, `echo first try; ${until('failed')}; echo it broke >&2; exit 3`)} || true`,
      step('test', 2, `echo second try; ${until('passed')}`),
    ].join('\n')
    const { page, complaints, close } = await openPage(browser, { width: 1440 })
    await page.goto(`${engine.urls.ui}/runs`)
    await page.getByText('stepwell demo').waitFor()

    const workflow = stepwell(
      ['workflow', 'run', '--template', 'nightly', '--name', 'nightly-1', '--', 'sh', '-c', script],
      env,
    )
    await page.locator('a.run-row.is-running', { hasText: 'nightly-1' }).click()
    await row(page, 'prober/plan', 'running').waitFor()
    await page.locator('.log-line', { hasText: 'thinking about it' }).waitFor()
    expect(await page.locator('.log-line', { hasText: 'planned' }).count()).toBe(0)
    await go('planned')
    await row(page, 'prober/plan', 'success').waitFor()
    await row(page, 'prober/test', 'running').waitFor()
    await go('failed')
    await row(page, 'prober/test', 'failure').waitFor()
    await page.locator('.wf-row.is-running', { hasText: 'attempt 2' }).waitFor()
    await go('passed')
    await page.locator('.state-pill.is-success').waitFor()
    expect(await page.locator('.wf-row.is-step').count()).toBe(3)
    expect(await workflow).toMatchObject({ code: 0 })

    // Reading it again from the query APIs alone shows the same as having watched it.
    await page.reload()
    await page.locator('.state-pill.is-success').waitFor()
    await row(page, 'prober/test', 'failure').click()
    await page.locator('.log-line', { hasText: 'it broke' }).waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  test('an engine that goes away and comes back is said, and caught up with', async () => {
    const { page, close } = await openPage(browser)
    const env = { ...plainEnvironment(temporaryFolder('home')), STEPWELL_DATA: engine.dataDir }
    await page.goto(`${engine.urls.ui}/runs`)
    await page.getByRole('status').getByText('Live').waitFor()
    const ports = samePorts(engine.urls)
    await engine.stop('SIGKILL')
    await page.getByRole('status').getByText('Live').waitFor({ state: 'detached' })
    engine = await startEngine({ dataDir: engine.dataDir, ports })
    await page.getByRole('status').getByText('Live').waitFor()
    const late = await stepwell(['workflow', 'run', '--name', 'after-the-crash', '--', 'true'], env)
    expect(late).toMatchObject({ code: 0 })
    await page.locator('a.run-row', { hasText: 'after-the-crash' }).waitFor()
    await close()
  })
})
