import packageJson from '../package.json' with { type: 'json' }

/** Also the version of the instrumentation scope of all that the command line emits. */
export const VERSION: string = packageJson.version
