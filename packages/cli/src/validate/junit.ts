// Findings as JUnit's XML, as CI systems read it.

import type { Finding } from './finding.ts'

/** @param suite the verb. */
export function junit(suite: string, findings: readonly Finding[], startedAt: Date): string {
  const failures = findings.filter(({ status }) => status === 'fail').length
  const skipped = findings.filter(({ status }) => status === 'warn').length
  const seconds = Math.max(0, ...findings.map((finding) => finding.seconds))
  const counts = `tests="${findings.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds.toFixed(3)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escaped(suite)}" ${counts}>`,
    `  <testsuite name="${escaped(suite)}" ${counts} timestamp="${startedAt.toISOString().slice(0, 19)}">`,
    ...findings.map((finding) => testCase(suite, finding)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function testCase(suite: string, { name, status, message, advice, seconds }: Finding): string {
  const start = `    <testcase classname="${escaped(suite.replaceAll(' ', '.'))}" name="${escaped(name)}" time="${seconds.toFixed(3)}"`
  const both = escaped(advice ? `${message}; ${advice}` : message)
  if (status === 'fail')
    return `${start}>\n      <failure message="${escaped(message)}" type="missing">${both}</failure>\n    </testcase>`
  if (status === 'warn') return `${start}>\n      <skipped message="${both}"/>\n    </testcase>`
  return `${start}>\n      <system-out>${both}</system-out>\n    </testcase>`
}

const ENTITY: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
}

/** For text and for attributes; what XML 1.0 has no character for becomes the one that stands for it. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what goes.
    .replace(/[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"\n\t]/g, (character) => ENTITY[character]!)
