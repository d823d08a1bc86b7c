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
