// Tokens of well-known issuers, by the shape that each issuer documents. Case matters in all of them.

/**
 * Shapes that nothing else has, wherever they stand. A match goes on to the end of its word (`redactor.ts`), so the
 * lengths are the shortest that an issuer makes. Every repetition is bounded: a line cannot make them slow.
 */
const DISTINCT = [
  'gh[oprsu]_[A-Za-z0-9_]{30}', // GitHub: classic, OAuth, app, refresh
  'github_pat_[A-Za-z0-9_]{22}', // GitHub: fine-grained
  'gl(?:pat|ptt|dt|rt|rtr|soat|cbt|imt|ft|agent|oas|ffct)-[\\w-]{20}', // GitLab
  'GR1348941[\\w-]{20}', // GitLab: runner registration
  'AIza[\\w-]{35}', // Google API key
  'ya29\\.[\\w-]{20}', // Google OAuth access token
  '1//0[\\w-]{40}', // Google OAuth refresh token
  'GOCSPX-[\\w-]{28}', // Google OAuth client secret
  'xox[a-z](?:\\.xox[a-z])?-[\\w-]{10}', // Slack
  'xapp-\\d-[\\w-]{10}', // Slack: app level
  '(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16}', // Stripe
  'whsec_[A-Za-z0-9+/=]{20}', // Stripe: webhook signing
  'npm_[A-Za-z0-9]{36}', // npm
  'pypi-AgE[\\w-]{40}', // PyPI
  'rubygems_[0-9a-f]{48}', // RubyGems
  'dckr_(?:pat|oat)_[\\w-]{20}', // Docker Hub
  'SG\\.[\\w-]{16,64}\\.[\\w-]{16}', // SendGrid
  'do[opr]_v1_[0-9a-f]{64}', // DigitalOcean
  'lin_(?:api|oauth)_[A-Za-z0-9]{32}', // Linear
  'sntry[su]_[\\w+/=-]{40,1000}', // Sentry
  '\\d{8,10}:AA[\\w-]{32}', // Telegram
  'AT[AC]TT3[\\w=-]{20,400}', // Atlassian
  'ATBB[A-Za-z0-9]{32}', // Bitbucket
  'hv[bsr]\\.[\\w-]{20}', // Vault
  '[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{40}', // Terraform Cloud
  'gl(?:c|sa)_[\\w+/=-]{20,400}', // Grafana
  'shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}', // Shopify
  'ntn_[A-Za-z0-9]{40}', // Notion
  'PMAK-[0-9a-f]{24}-[0-9a-f]{34}', // Postman
  'figd_[\\w-]{20}', // Figma
  'pscale_(?:tkn|oauth|pw)_[\\w.-]{30}', // PlanetScale
  'NRAK-[A-Z0-9]{27}', // New Relic
  'nfp_[A-Za-z0-9]{36}', // Netlify
  'sbp_[0-9a-f]{40}', // Supabase
  'sb_secret_[\\w-]{20}', // Supabase
  'tskey-[\\w-]{20}', // Tailscale
  'dp\\.(?:pt|st|ct|sa|scim|audit)\\.[\\w.]{30}', // Doppler
  'ops_eyJ[\\w-]{60}', // 1Password
  'AGE-SECRET-KEY-1[0-9A-Z]{50}', // age
  'HRKU-[\\w-]{36}', // Heroku
  'bk(?:ua|at|aj)_[0-9a-f]{32}', // Buildkite
  'CCI(?:PAT|PRJ)_\\w{20}', // CircleCI
  '[\\w~.]{3}\\dQ~[\\w~.-]{31,34}', // Microsoft Entra: client secret
  '[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}', // Azure DevOps
  'eyJ[\\w-]{8,2000}\\.eyJ[\\w-]{8}[\\w.-]{0,16000}', // JSON Web Token
]

/** Shapes that are secrets only where a word begins: `sk-…`, and not the end of `task-…`. */
const AT_WORD_START = [
  'sk-(?=[\\w-]{0,99}\\d)(?=[\\w-]{0,99}[A-Za-z])[\\w-]{20}', // OpenAI, Anthropic, OpenRouter, DeepSeek
  'gsk_[A-Za-z0-9]{40}', // Groq
  'xai-[A-Za-z0-9]{60}', // xAI
  'pplx-[A-Za-z0-9]{40}', // Perplexity
  'hf_[A-Za-z0-9]{30}', // Hugging Face
  'r8_[A-Za-z0-9]{37}', // Replicate
  'A(?:KI|SI|BI|CC)A[A-Z0-9]{16}(?![A-Za-z0-9])', // AWS access key id
  'SK[0-9a-f]{32}(?![A-Za-z0-9])', // Twilio
  'dapi[0-9a-f]{32}', // Databricks
  'key-[0-9a-f]{32}(?![A-Za-z0-9])', // Mailgun
]

export const DISTINCT_TOKENS = DISTINCT.join('|')
export const TOKENS_AT_WORD_START = AT_WORD_START.join('|')

/** Three or four characters of each, for `hints.ts`. */
export const TOKEN_HINTS = [
  ...[
    'ghp_',
    'gho_',
    'ghr_',
    'ghs_',
    'ghu_',
    'hub_',
    'glpa',
    'glpt',
    'gldt',
    'glrt',
    'glso',
    'glcb',
    'glim',
    'glft',
    'glag',
    'gloa',
    'glff',
  ],
  ...['GR1348941', 'AIza', 'ya29', '1//0', 'GOCS', 'xox', 'xapp', 'sk_', 'rk_', 'sec_'],
  ...[
    'npm_',
    'ypi-',
    'ems_',
    'ckr_',
    'SG.',
    'dop_',
    'doo_',
    'dor_',
    'lin_',
    'ntry',
    '1:AA',
    'ATAT',
    'ATCT',
    'ATBB',
  ],
  ...[
    'hvb.',
    'hvs.',
    'hvr.',
    'lasv',
    'glc_',
    'lsa_',
    'pat_',
    'pca_',
    'ppa_',
    'pss_',
    'ntn_',
    'PMAK',
    'igd_',
    'ale_',
  ],
  ...[
    'NRAK',
    'nfp_',
    'sbp_',
    'sb_s',
    'skey',
    'dp.p',
    'dp.s',
    'dp.c',
    'dp.a',
    'ops_',
    'AGE-',
    'HRKU',
    'kua_',
    'kat_',
  ],
  ...[
    'kaj_',
    'CCIP',
    '1Q~',
    'AZDO',
    'eyJ',
    'sk-',
    'xai-',
    'plx-',
    'hf_',
    'r8_',
    'AKIA',
    'ASIA',
    'ABIA',
    'ACCA',
    'dapi',
  ],
  ...[...'0abcdef'].flatMap((a) => [...'0abcdef'].map((b) => `SK${a}${b}`)),
]
