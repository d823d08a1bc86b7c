// npm run build: everything that `dist/` holds, where its sources changed.

import { prepare } from './lib/prepare.mjs'

prepare()
