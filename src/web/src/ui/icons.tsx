// The signs of states and sorts: drawn in the text's colour, silent for screen readers (a word stands beside).

const PATHS = {
  check: <path d="M2 6.5 5 9.5 10 3" fill="none" stroke="currentColor" stroke-width="2" />,
  cross: <path d="M2.5 2.5 9.5 9.5M9.5 2.5 2.5 9.5" stroke="currentColor" stroke-width="2" />,
  clock: <><circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" stroke-width="1.6" /><path d="M6 3.4V6l1.8 1.2" fill="none" stroke="currentColor" stroke-width="1.6" /></>,
  half: <><circle cx="6" cy="6" r="4.4" fill="none" stroke="currentColor" stroke-width="1.6" /><path d="M6 1.6a4.4 4.4 0 0 1 0 8.8Z" fill="currentColor" /></>,
  diamond: <path d="M6 1 11 6 6 11 1 6Z" fill="currentColor" />,
  pause: <path d="M3.5 2v8M8.5 2v8" stroke="currentColor" stroke-width="2.2" />,
  lock: <path d="M2.5 5.5h7V11h-7ZM4 5.5V3.8a2 2 0 0 1 4 0v1.7" fill="none" stroke="currentColor" stroke-width="1.6" />,
  question: <path d="M3.6 4.2a2.4 2.4 0 1 1 3.3 2.2c-.6.3-.9.6-.9 1.3M6 9.3v1.4" fill="none" stroke="currentColor" stroke-width="1.7" />,
  pen: <path d="M2 10l.6-2.6L8.4 1.6l2 2L4.6 9.4Z" fill="none" stroke="currentColor" stroke-width="1.5" />,
  plus: <path d="M6 1.5v9M1.5 6h9" stroke="currentColor" stroke-width="2" />,
  equal: <path d="M2 4.2h8M2 7.8h8" stroke="currentColor" stroke-width="1.8" />,
  undo: <path d="M4.5 1.5 1.8 4.2l2.7 2.7M2 4.2h5a3 3 0 0 1 0 6H4" fill="none" stroke="currentColor" stroke-width="1.6" />,
  down: <path d="M6 1.5v9M2.5 7 6 10.5 9.5 7" fill="none" stroke="currentColor" stroke-width="1.7" />,
  up: <path d="M6 10.5v-9M2.5 5 6 1.5 9.5 5" fill="none" stroke="currentColor" stroke-width="1.7" />,
  sort: <path d="M3.5 4.5 6 2l2.5 2.5M3.5 7.5 6 10l2.5-2.5" fill="none" stroke="currentColor" stroke-width="1.4" />,
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 12 }: { name: IconName; size?: number }) {
  return <svg width={size} height={size} viewBox="0 0 12 12" aria-hidden="true" focusable="false">{PATHS[name]}</svg>;
}

/** The mark: a gable, a grain, a double rule. */
export function Mark() {
  return (
    <svg width="26" height="26" viewBox="0 0 26 26" aria-hidden="true" focusable="false">
      <path d="M2 12.5 13 3l11 9.5" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linejoin="round" />
      <path d="M5.5 11v8.2h15V11" fill="none" stroke="currentColor" stroke-width="2" />
      <path d="M2 22.2h22M2 25h22" stroke="currentColor" stroke-width="1.5" />
      <path d="M13 9.4c2 1.6 2 5 0 6.6-2-1.6-2-5 0-6.6Z" fill="currentColor" />
    </svg>
  );
}

/** The patterns of the fund's layers, once per document. */
export function Patterns() {
  return (
    <svg class="defs" aria-hidden="true" focusable="false">
      <defs>
        <pattern id="p-committed" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect class="pat-bg-c" width="7" height="7" /><path class="pat-c" d="M2.5 0V7" stroke-width="4.5" />
        </pattern>
        <pattern id="p-restricted" width="6" height="6" patternUnits="userSpaceOnUse">
          <rect class="pat-bg-c" width="6" height="6" />
          <circle class="pat-r" cx="1.5" cy="1.5" r="1.45" /><circle class="pat-r" cx="4.5" cy="4.5" r="1.45" />
        </pattern>
        <pattern id="p-floor" width="5" height="5" patternUnits="userSpaceOnUse">
          <rect class="pat-bg-c" width="5" height="5" /><path class="pat-f" d="M0 1.25H5M0 3.75H5" stroke-width="1.1" />
        </pattern>
        <pattern id="p-others" width="6" height="6" patternUnits="userSpaceOnUse">
          <rect class="pat-bg-c" width="6" height="6" /><path class="pat-h" d="M0 3H6M3 0V6" stroke-width="1.2" />
        </pattern>
        <pattern id="p-out" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect class="pat-bg-c" width="6" height="6" /><path class="pat-o" d="M2 0V6" stroke-width="3.4" />
        </pattern>
      </defs>
    </svg>
  );
}
