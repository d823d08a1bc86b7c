// What tools and agents print when they fail, and the class of it. Each pattern is linear, and names what only a failure
// says: a test called `handles 429` is none.

import type { ErrorType } from '@stepwell/model/outcome'
import type { PatternRule } from '@stepwell/model/rules'

/** The first that matches a line gives its class: those that say more of a cause come before those that say less. */
const PATTERNS = {
  // Models, whose messages speak of tokens and limits as rate limits do.
  context_exhausted: [
    /prompt is too long|(?:prompt|input|request|context)[ _](?:is |was )?(?:too long|too large)\b.{0,80}(?:token|context)/i,
    /maximum context length|context[_ ]length[_ ]exceeded|context[_ ]window[_ ](?:exceeded|is full)|exceeds? (?:the )?(?:model'?s )?(?:max(?:imum)? )?context/i,
    /input token count .{0,60}exceeds|ran out of room in the model'?s context|(?:input|prompt) .{0,40}exceeds? .{0,40}(?:token limit|number of tokens)/i,
    /\bContextWindowExceededError\b|reduce the length of (?:the|your) (?:messages|prompt)/i,
  ],
  rate_limited: [
    /\b429\b.{0,60}(?:too many requests|rate|resource|quota)|too many requests|\b(?:status|code|error|HTTP(?:\/[\d.]+)?)["']?\s{0,2}[:=]?\s{0,2}429\b/i,
    /\brate[_ -]?limit(?:ed|s)?(?:[_ ](?:error|exceeded|reached|hit))|\bRateLimitError\b|(?:exceeded|hit|reached) (?:your |the |a )?(?:\w+ ){0,2}(?:rate|usage|request) limit/i,
    /\bRESOURCE_EXHAUSTED\b|insufficient_quota|exceeded your current quota|usage limit reached|quota exceeded|\boverloaded_error\b|\bThrottling(?:Exception|Error)?\b|toomanyrequests:|API rate limit exceeded|secondary rate limit/i,
  ],
  authentication: [
    /\b401\b.{0,40}(?:unauthori[sz]ed|auth|invalid|token|key)|\bHTTP(?:\/[\d.]+)? 401\b|\b(?:status|code|error)["']?\s{0,2}[:=]?\s{0,2}401\b|error: 401\b/i,
    /\b(?:authentication_error|AuthenticationError|UNAUTHENTICATED|ExpiredToken(?:Exception)?|InvalidClientTokenId|SignatureDoesNotMatch)\b/,
    /(?:invalid|incorrect|missing|expired|no) (?:x-)?api[ -]?key|api key (?:is )?(?:not valid|invalid|missing|expired)|\bAPI_KEY_INVALID\b/i,
    /authentication failed|could not read (?:username|password) for|bad credentials|invalid credentials|permission denied \((?:publickey|password|keyboard)/i,
    /not logged in\b|please (?:log ?in|run .{0,3}\/login|authenticate)|login required|npm (?:err!|error) code (?:E401|ENEEDAUTH|E403)\b|unauthorized: (?:authentication|incorrect)|denied: requested access/i,
    /unable to locate credentials|token (?:has |is )?expired|expired (?:access )?token|OAuth token .{0,30}(?:expired|revoked|invalid)/i,
  ],
  disk_full: [
    /no space left on device|\bENOSPC\b|disk quota exceeded|\bEDQUOT\b|database or disk is full|not enough (?:free )?disk space/i,
  ],
  oom_killed: [
    /javascript heap out of memory|\bjava\.lang\.OutOfMemoryError\b|^fatal error: runtime: out of memory|memory allocation of \d+ bytes failed/i,
    /\bstd::bad_alloc\b|^MemoryError\b|\bOOMKilled\b|out of memory: killed process|cannot allocate memory|\bENOMEM\b|\bCUDA out of memory\b|virtual memory exhausted/i,
  ],
  network: [
    /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EPIPE_NETWORK|UND_ERR_CONNECT_TIMEOUT|UND_ERR_SOCKET|ERR_NETWORK)\b/,
    /could not resolve host|temporary failure in name resolution|name or service not known|no such host|failed to lookup address|nodename nor servname|getaddrinfo failed|unknown host/i,
    /connection (?:refused|reset|timed out|aborted|closed by remote)|(?:network|host) is unreachable|no route to host|failed to connect to|couldn'?t connect to server|operation timed out|socket hang up|i\/o timeout|TLS handshake (?:timeout|failed)|network error/i,
    /\b(?:ConnectionError|ConnectTimeout|ReadTimeout|NewConnectionError|APIConnectionError|APITimeoutError|MaxRetryError|ConnectException|UnknownHostException|SocketTimeoutException)\b|TypeError: fetch failed|error sending request for url|stream disconnected before completion/,
    /the remote end hung up unexpectedly|unable to access 'https?:|early EOF|RPC failed; (?:curl|HTTP)|\bDEADLINE_EXCEEDED\b|curl: \((?:5|6|7|28|35|52|55|56)\)|SSL_ERROR_SYSCALL/i,
  ],
} satisfies Partial<Record<ErrorType, readonly RegExp[]>>

const OF_EXIT_CODE: Readonly<Record<number, readonly [ErrorType, RegExp]>> = {
  // POSIX shells, for what a script could not start.
  127: ['command_not_found', /: (?:command )?not found\s*$|no such file or directory\s*$/i],
  126: [
    'not_executable',
    /permission denied\s*$|cannot execute|exec format error|is a directory\s*$/i,
  ],
  // 128 + KILL: who sent it the cgroup may know; the shell's word for it is no proof.
}

export const BUILT_IN: readonly PatternRule[] = Object.entries(PATTERNS).flatMap(
  ([type, patterns]) => patterns.map((pattern) => ({ type: type as ErrorType, pattern })),
)

export const rulesOfExitCode = (exitCode: number): readonly PatternRule[] => {
  const found = OF_EXIT_CODE[exitCode]
  return found ? [{ type: found[0], pattern: found[1] }] : []
}
