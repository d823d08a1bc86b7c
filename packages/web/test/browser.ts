// A real Chromium on the built page, before a mock engine. Whatever a page complains of fails its test.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

const CHROMIUM = process.env.STEPWELL_CHROMIUM ?? '/usr/bin/chromium'
const PAGE = join(import.meta.dir, '..', '..', '..', 'dist', 'web', 'index.html')

/** Why the tests cannot run here, or undefined. */
export const missing = !existsSync(CHROMIUM)
  ? `no Chromium at ${CHROMIUM} (STEPWELL_CHROMIUM names another)`
  : !existsSync(PAGE)
    ? 'dist/web is not built (node scripts/build-web.mjs)'
    : undefined

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })

export interface Look {
  readonly width?: number
  readonly scheme?: 'light' | 'dark'
}

/** A page, and what it complained of so far: console errors, exceptions, violations of the content policy. */
export async function openPage(browser: Browser, { width = 1280, scheme = 'light' }: Look = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: scheme,
    reducedMotion: 'no-preference',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  return { page, complaints, close: () => context.close() }
}

/** Texts on the page whose contrast with their ground is below 4.5:1 (WCAG AA), with the ratio. */
export const lowContrast = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!
    const rgba = (color: string) => {
      canvas.clearRect(0, 0, 1, 1)
      canvas.fillStyle = color
      canvas.fillRect(0, 0, 1, 1)
      return [...canvas.getImageData(0, 0, 1, 1).data] as [number, number, number, number]
    }
    const luminance = ([r, g, b]: readonly number[]) => {
      const [lr, lg, lb] = [r!, g!, b!].map((value) => {
        const part = value / 255
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * lr! + 0.7152 * lg! + 0.0722 * lb!
    }
    const groundOf = (element: Element | null): number[] => {
      for (let at = element; at; at = at.parentElement) {
        const color = rgba(getComputedStyle(at).backgroundColor)
        if (color[3] === 255) return color
      }
      return [255, 255, 255]
    }
    const low: string[] = []
    for (const element of document.querySelectorAll('body *')) {
      const isText = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim(),
      )
      if (!isText || !element.checkVisibility() || element.matches('.visually-hidden')) continue
      const a = luminance(rgba(getComputedStyle(element).color))
      // Durations hang on their bar and stand beside it.
      const b = luminance(
        groundOf(element.closest('.wf-bar') ? element.closest('.wf-lane') : element),
      )
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
      if (ratio < 4.5) low.push(`${ratio.toFixed(2)} ${element.className}: ${element.textContent}`)
    }
    return low
  })
