// The built page in a real Chromium, as someone would use it, before a mock engine (../dev).

import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import {
  CHECKOUT,
  FEATURES,
  type Feature,
  featureRun,
  gateAlone,
  hostileStep,
  largeRun,
  lostRun,
  unreportedRun,
} from '../dev/scenarios.ts'
import { type Mock, startMock } from '../dev/server.ts'
import { playAt } from '../dev/world.ts'
import { type Look, launch, lowContrast, missing, openPage } from './browser.ts'

setDefaultTimeout(60_000)

const MINUTE = 60_000
const FAILED = FEATURES[2]!
const LONG = 'a-name-without-a-space-'.repeat(12)

describe.skipIf(missing !== undefined)(`the page${missing ? `: ${missing}` : ''}`, () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())

  /** One test's page and engine; the page must not have complained at the end. */
  async function visit(
    act: (page: Page, mock: Mock) => Promise<void>,
    options: Look & { path?: string; hasFeed?: boolean; before?: (mock: Mock) => void } = {},
  ) {
    const mock = startMock({ port: 0, ...(options.hasFeed === false && { hasFeed: false }) })
    const { page, complaints, close } = await openPage(browser, options)
    try {
      options.before?.(mock)
      await page.goto(mock.url + (options.path ?? '/runs'))
      await act(page, mock)
      expect(
        complaints.filter((text) => options.hasFeed !== false || !text.includes('404')),
      ).toEqual([])
    } finally {
      await close()
      await mock.stop()
    }
  }

  const past =
    (feature: Feature, minutes = 5) =>
    ({ store }: Mock) =>
      playAt(store, Date.now() - minutes * MINUTE, (world) => featureRun(world, feature))
  const openFirst = async (page: Page) => {
    await page.locator('a.run-row').first().click()
    await page.locator('.wf-row').first().waitFor()
  }
  const row = (page: Page, name: string) => page.locator('.wf-row', { hasText: name })
  const selected = (page: Page) => page.locator('.wf-row[aria-selected=true] .wf-label').innerText()
  const isSelected = (page: Page, name: string) =>
    page.locator('.wf-row[aria-selected=true]', { hasText: name }).waitFor()

  test('says how to get the first run, and shows it from its first second to its end', () =>
    visit(async (page, { world }) => {
      await page.getByText('stepwell demo').waitFor()
      const script = featureRun(world, CHECKOUT)
      script.next()
      await page.locator('a.run-row.is-running', { hasText: 'feature-pipeline' }).waitFor()
      // The first step has ended: the page of the run is no longer unknown to the traces' API.
      for (let turn = 0; turn < 4; turn++) script.next()
      await openFirst(page)
      await page.locator('.wf-row.is-step.is-success', { hasText: 'claude-code/plan' }).waitFor()
      await page.getByText('Reading the task and the repository').waitFor()

      const bar = page.locator('.wf-row.is-workflow .wf-bar')
      const widthOf = async () => (await bar.boundingBox())!.width
      const width = await widthOf()
      await page.waitForFunction(
        (before) =>
          document.querySelector('.is-workflow .wf-bar')!.getBoundingClientRect().width > before,
        width,
      )
      // To where the tests run for the first time.
      for (let turn = 0; turn < 6; turn++) script.next()
      await page.locator('.wf-row.is-running', { hasText: 'claude-code/test' }).waitFor()
      for (const _ of script);
      await page.locator('.state-pill.is-success').waitFor()
      await row(page, 'claude-code/test').nth(1).waitFor()
      await row(page, 'gate review').waitFor()
      await page.getByText('score 0.92, threshold 0.80').waitFor()
      expect(await page.title()).toBe('✓ feature-pipeline · Stepwell')
      await page.goBack()
      await page.locator('a.run-row.is-success').waitFor()
    }))

  test('a failed run says why without a click', () =>
    visit(
      async (page) => {
        await page.getByText('test: exit code 1').waitFor()
        await openFirst(page)
        const why = page.getByRole('region', { name: 'Why it failed' })
        const text = await why.innerText()
        expect(text).toContain('claude-code/test')
        expect(text).toContain('exit code 1, at attempt 2 of 2')
        expect(text).toContain('nonzero_exit')
        expect(text).toContain('AssertionError: expected NaN to be 0')
        // Its logs are beside it: of this attempt alone.
        const begins = page.locator('.log-line', { hasText: '$ npm test' })
        await begins.first().waitFor()
        expect(await begins.count()).toBe(1)
        expect(await page.locator('.log-line.is-stderr').first().innerText()).toContain('stderr')
      },
      { before: past(FAILED) },
    ))

  test('the keyboard reaches everything', () =>
    visit(
      async (page) => {
        await page.locator('a.run-row').first().waitFor()
        await page.keyboard.press('j')
        await page.keyboard.press('Enter')
        await isSelected(page, 'claude-code/test')
        await page.keyboard.press('Home')
        await isSelected(page, 'bugfix')
        await page.keyboard.press('j')
        await page.keyboard.press('ArrowDown')
        await isSelected(page, 'claude-code/plan')
        expect(page.url()).toContain('span=')
        await page.keyboard.press('ArrowLeft')
        await row(page, 'chat large-model').nth(3).waitFor({ state: 'detached' })
        await page.keyboard.press('ArrowRight')
        await page.keyboard.press('ArrowRight')
        await isSelected(page, 'chat large-model')
        await page.keyboard.press('e')
        await isSelected(page, 'claude-code/test')
        await page.keyboard.press('/')
        await page.keyboard.type('total')
        await page.keyboard.press('Enter')
        await isSelected(page, 'write src/total.ts')
        await page.keyboard.press('Escape')
        await page.keyboard.press('d')
        await page.getByRole('tabpanel').getByText('mcp-files').first().waitFor()
        await page.reload()
        await isSelected(page, 'write src/total.ts')
        await page.getByRole('tabpanel').getByText('flushed').waitFor()
        await page.keyboard.press('Escape')
        await page.waitForURL((url) => !url.search.includes('span='))
        await page.keyboard.press('?')
        await page.getByRole('dialog').waitFor()
        await page.keyboard.press('Escape')
        await page.getByRole('dialog').waitFor({ state: 'hidden' })
        expect(await selected(page)).toBe('claude-code/test')
      },
      { before: past(FAILED) },
    ))

  test('rows do not move under the pointer; new runs wait behind a button', () =>
    visit(
      async (page, { world }) => {
        const first = page.locator('a.run-row').first()
        await first.hover()
        const before = await first.boundingBox()
        featureRun(world, CHECKOUT).next()
        await page.getByRole('button', { name: '1 new run' }).waitFor()
        expect(await first.boundingBox()).toEqual(before)
        await page.getByRole('button', { name: '1 new run' }).click()
        await page.locator('a.run-row.is-running').waitFor()
      },
      { before: past(FAILED) },
    ))

  test('filters by what the address says', () =>
    visit(
      async (page) => {
        await page.locator('a.run-row').first().waitFor()
        expect(await page.locator('a.run-row').count()).toBe(1)
        await page.keyboard.press('/')
        await page.keyboard.type('nothing like it')
        await page.getByText('No run matches').waitFor()
        await page.keyboard.press('Escape')
        await page.locator('a.run-row').nth(1).waitFor()
      },
      {
        path: '/runs?q=bill%20nonzero',
        before: (mock) => {
          past(FAILED)(mock)
          past(CHECKOUT)(mock)
        },
      },
    ))

  test('lost work, and a workflow that nobody reported', () =>
    visit(
      async (page) => {
        await page.locator('a.run-row.is-lost').click()
        await page.getByText('went silent').waitFor()
        await page.locator('.wf-row.is-lost', { hasText: 'codex/refactor' }).waitFor()
        await page.goBack()
        await page.locator('a.run-row', { hasText: 'pr-checks' }).click()
        await page.locator('.wf-row.is-workflow', { hasText: 'from its steps' }).waitFor()
        await page.locator('.wf-row.is-step').nth(2).waitFor()
      },
      {
        before: ({ store }) => {
          playAt(store, Date.now() - 30 * MINUTE, lostRun)
          playAt(store, Date.now() - 40 * MINUTE, unreportedRun)
        },
      },
    ))

  test('a gate alone is a run that has ended', () =>
    visit(
      async (page) => {
        await page.locator('a.run-row.is-failure', { hasText: 'gate licences' }).waitFor()
      },
      { before: ({ store }) => playAt(store, Date.now() - 2 * MINUTE, gateAlone) },
    ))

  test('telemetry is text, whatever it says', () =>
    visit(
      async (page) => {
        await openFirst(page)
        await page.locator('.log-text', { hasText: '<img src=x onerror="alert(1)"> red' }).waitFor()
        expect(await page.locator('img, main script').count()).toBe(0)
      },
      { before: ({ store }) => playAt(store, Date.now() - MINUTE, hostileStep) },
    ))

  test('ten thousand spans: only the rows in sight are in the page', () =>
    visit(
      async (page) => {
        await openFirst(page)
        await page.getByText('10,002 spans').waitFor()
        await page.keyboard.press('End')
        await isSelected(page, 'execute_tool')
        await page.keyboard.press('k')
        expect(await page.locator('.wf-row').count()).toBeLessThan(100)
        await page.getByRole('button', { name: 'Only steps' }).click()
        await page.getByText('+10,000').waitFor()
        await page.locator('.wf-row').nth(2).waitFor({ state: 'detached' })
      },
      {
        before: ({ store }) =>
          playAt(store, Date.now() - 60 * MINUTE, (world) => largeRun(world, 10_000)),
      },
    ))

  test('logs follow their end until one scrolls up', () =>
    visit(async (page, { world }) => {
      const script = featureRun(world, CHECKOUT)
      for (let turn = 0; turn < 5; turn++) script.next()
      await page.locator('a.run-row.is-running').waitFor()
      await openFirst(page)
      const work = {
        traceId: new URL(page.url()).pathname.split('/').at(-1)!,
        spanId: 'feedfeedfeedfeed',
      }
      for (let line = 0; line < 200; line++) world.say(work, `line ${line}`)
      await page.getByText('line 199', { exact: true }).waitFor()
      await page.locator('.logs-scroll').hover()
      await page.mouse.wheel(0, -1500)
      await page.getByRole('button', { name: 'Follow' }).waitFor()
      world.say(work, 'one more')
      await page.waitForFunction(() => document.querySelector('.logs-scroll')!.scrollHeight > 4000)
      expect(await page.getByText('one more').count()).toBe(0)
      await page.getByRole('button', { name: 'Follow' }).click()
      await page.getByText('one more').waitFor()
    }))

  test('the theme is the system’s, until one chooses', () =>
    visit(
      async (page) => {
        const ground = () =>
          page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
        const dark = await ground()
        await page.getByRole('button', { name: 'Theme: system' }).click()
        const light = await ground()
        expect(light).not.toBe(dark)
        await page.reload()
        await page.getByRole('button', { name: 'Theme: light' }).waitFor()
        expect(await ground()).toBe(light)
        await page.getByRole('button', { name: 'Theme: light' }).click()
        expect(await ground()).toBe(dark)
      },
      { scheme: 'dark' },
    ))

  for (const scheme of ['light', 'dark'] as const)
    test(`every text can be read: ${scheme}`, () =>
      visit(
        async (page) => {
          await page.locator('a.run-row').nth(2).waitFor()
          expect(await lowContrast(page)).toEqual([])
          for (const state of ['is-failure', 'is-lost', 'is-success']) {
            await page.locator(`a.run-row.${state}`).click()
            await page.locator('.log-line').first().waitFor()
            expect(await lowContrast(page)).toEqual([])
            await page.keyboard.press('d')
            await page.locator('.details').waitFor()
            expect(await lowContrast(page)).toEqual([])
            await page.goBack()
          }
        },
        {
          scheme,
          before: (mock) => {
            past(FAILED)(mock)
            past(CHECKOUT)(mock)
            playAt(mock.store, Date.now() - 30 * MINUTE, lostRun)
          },
        },
      ))

  test('a count of some of the runs is not given for that of all', () =>
    visit(
      async (page) => {
        await page.getByText(/^the newest \d+$/).waitFor()
        await page.getByRole('button', { name: 'Older runs' }).click()
        await page.getByText('60 in the last 7 days').waitFor()
      },
      {
        before: (mock) => {
          for (let run = 0; run < 60; run++) past(CHECKOUT, 5 + run)(mock)
        },
      },
    ))

  for (const width of [360, 390, 1440])
    test(`fits into ${width} pixels`, () =>
      visit(
        async (page) => {
          const overflow = () =>
            page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
          await page.locator('a.run-row').nth(2).waitFor()
          expect(await overflow()).toBeLessThanOrEqual(0)
          await page.locator('a.run-row', { hasText: LONG }).click()
          await page.locator('.run-line-facts').getByText(LONG).first().waitFor()
          expect(await overflow()).toBeLessThanOrEqual(0)
          await page.goBack()
          await page.locator('a.run-row.is-failure').first().click()
          await page.locator('.log-line').first().waitFor()
          expect(await overflow()).toBeLessThanOrEqual(0)
          await page.keyboard.press('d')
          await page.locator('.details').waitFor()
          expect(await overflow()).toBeLessThanOrEqual(0)
          await page.keyboard.press('?')
          await page.getByRole('dialog').waitFor()
          expect(await overflow()).toBeLessThanOrEqual(0)
        },
        {
          width,
          before: (mock) => {
            past(FAILED)(mock)
            past({ ...CHECKOUT, repo: `acme/${LONG}`, task: LONG, agent: LONG })(mock)
            playAt(mock.store, Date.now() - MINUTE, hostileStep)
          },
        },
      ))

  test('without a live feed it asks again and again', () =>
    visit(
      async (page, { world }) => {
        await page.getByText('Polling').waitFor()
        featureRun(world, CHECKOUT).next()
        await page.locator('a.run-row.is-running').waitFor()
      },
      { hasFeed: false },
    ))

  test('an engine that goes away is missed, and welcomed back', async () => {
    const first = startMock({ port: 0 })
    past(FAILED)(first)
    const port = Number(new URL(first.url).port)
    const { page, close } = await openPage(browser)
    try {
      await page.goto(`${first.url}/runs`)
      await page.locator('a.run-row').waitFor()
      await page.getByRole('status').getByText('Live').waitFor()
      await first.stop()
      await page.getByText('Reconnecting').waitFor()
      await page.getByText('The engine does not answer').waitFor()
      expect(await page.locator('a.run-row').count()).toBe(1)
      const second = startMock({ port })
      past(FAILED)(second)
      past(CHECKOUT)(second)
      try {
        await page.locator('a.run-row', { hasText: 'feature-pipeline' }).waitFor()
        await page.getByText('The engine does not answer').waitFor({ state: 'detached' })
        await page.getByRole('status').getByText('Live').waitFor()
      } finally {
        await second.stop()
      }
    } finally {
      await close()
    }
  })
})
