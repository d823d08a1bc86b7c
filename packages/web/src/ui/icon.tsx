// The page's few pictures: 16-pixel line drawings that take the text's colour.

const PATHS = {
  stepwell: 'M1.5 2.5h13v2.2h-13zM3.6 6h8.8v2.2H3.6zM5.7 9.5h4.6v2.2H5.7zM7 13h2v2H7z',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  check: 'm3.5 8.5 3 3 6-7',
  cross: 'm4 4 8 8M12 4l-8 8',
  dash: 'M4 8h8',
  question: 'M5.6 5.8a2.4 2.4 0 1 1 3.4 2.2c-.7.3-1 .8-1 1.5v.3M8 12.3v.2',
  arrowUp: 'M8 13V3M3.5 7.5 8 3l4.5 4.5',
  arrowDown: 'M8 3v10M3.5 8.5 8 13l4.5-4.5',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM10.4 10.4 14 14',
  copy: 'M5.5 5.5h7v8h-7zM10.5 5.5v-3h-7v8h2',
  keyboard: 'M1.5 4h13v8.5h-13zM4 6.7h.01M6.7 6.7h.01M9.3 6.7h.01M12 6.7h.01M5 10h6',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1',
  moon: 'M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1Z',
  monitor: 'M1.5 2.5h13v8.5h-13zM5.5 14h5M8 11v3',
  repo: 'M3.5 2.5h9v11h-9zM3.5 10.5h9M6 2.5v8',
  pr: 'M4 6v4M4 6a1.7 1.7 0 1 0 0-3.4A1.7 1.7 0 0 0 4 6ZM4 13.4A1.7 1.7 0 1 0 4 10a1.7 1.7 0 0 0 0 3.4ZM12 13.4a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4ZM12 10V6.5a2 2 0 0 0-2-2H8',
  task: 'M2.5 2.5h11v11h-11zM5 8l2 2 4-4',
  commit: 'M8 10.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM1 8h4.5M10.5 8H15',
  agent: 'M3.5 6h9v7h-9zM8 6V3M8 3h.01M6.2 9h.01M9.8 9h.01',
  trace: 'M2 4h7M5 8h7M9 12h5',
} as const

export type IconName = keyof typeof PATHS

const FILLED: ReadonlySet<IconName> = new Set(['stepwell'])

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      className={FILLED.has(name) ? 'icon is-filled' : 'icon'}
      width={size}
      height={size}
      viewBox="0 0 16 16"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
