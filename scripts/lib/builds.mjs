// What `dist/` holds, and the sources of each part: it is made again when their digest is another than its stamp's.

const SHARED = ['packages/model/src', 'package-lock.json']

export const WRAPPER = {
  what: 'compiling the wrapper',
  script: 'scripts/build-wrapper.mjs',
  makes: 'dist/stepwell',
  from: ['packages/cli/src', 'packages/otlp/src', 'scripts/build-wrapper.mjs', ...SHARED],
  stamp: 'dist/.fresh/wrapper',
}

export const PAGE = {
  what: 'building the page',
  script: 'scripts/build-web.mjs',
  makes: 'dist/web/index.html',
  from: ['packages/web', 'scripts/build-web.mjs', ...SHARED],
  stamp: 'dist/.fresh/page',
}

export const LIBRARY = {
  what: 'building the library',
  script: 'scripts/build-sdk.mjs',
  makes: 'dist/sdk/package.json',
  from: [
    'packages/sdk/src',
    'packages/sdk/package.json',
    'packages/otlp/src',
    'docs/sdk.md',
    'scripts/build-sdk.mjs',
    'scripts/lib/rollup-types.mjs',
    ...SHARED,
  ],
  stamp: 'dist/.fresh/library',
}

/** What a demonstration needs; and with what others are given. */
export const TO_START = [WRAPPER, PAGE]
export const ALL = [...TO_START, LIBRARY]
