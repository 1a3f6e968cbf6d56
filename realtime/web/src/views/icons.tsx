/** Play, or pause while `running`. */
export function PlayIcon({ running }: { running: boolean }) {
  return <Solid d={running ? "M8 6h3v12H8zM13 6h3v12h-3z" : "M9 6.200v11.600L18 12z"} />;
}

export const StopIcon = () => <Solid d="M7.500 7.500h9v9h-9z" />;
export const NextIcon = () => <Solid d="M7 6.500v11l8-5.500zM15.500 6.500h2v11h-2z" />;

/** A star, filled for a favourite. */
export function StarIcon({ on }: { on: boolean }) {
  const d = "M12 4.200l2.350 4.900 5.350.700-3.900 3.750.950 5.350L12 16.300l-4.750 2.600.950-5.350-3.900-3.750 5.350-.700z";
  return on ? <Solid d={d} /> : <Line d={d} />;
}

export const CloseIcon = () => <Line d="M7 7l10 10M17 7L7 17" />;
export const SearchIcon = () => <Line d="M10.500 4.500a6 6 0 1 1 0 12a6 6 0 0 1 0-12ZM15 15l4.500 4.500" />;
export const GripIcon = () => <Line d="M9 7v.01M9 12v.01M9 17v.01M15 7v.01M15 12v.01M15 17v.01" />;
export const LinkIcon = () => (
  <Line d="M10 14l4-4M8.500 11l-2.200 2.200a3.200 3.200 0 0 0 4.500 4.500L13 15.500M15.500 13l2.200-2.200a3.200 3.200 0 0 0-4.500-4.500L11 8.500" />
);
export const DiceIcon = () => <Line d="M5.500 5.500h13v13h-13zM9 9v.01M15 9v.01M12 12v.01M9 15v.01M15 15v.01" />;

/** Pictures of the views, in the order of the navigation. */
export const VIEW_ICONS = {
  now: () => <Line d="M5 14v-4M9.700 17.500v-11M14.300 20V4M19 14v-4" />,
  map: () => <Line d="M6 7v.01M11 5v.01M17 8v.01M8 13v.01M14 12v.01M19 15v.01M11 18v.01M5 17.500v.01M15.500 18.500v.01" />,
  songs: () => <Line d="M4.500 7h15M4.500 12h15M4.500 17h15" />,
  foryou: () => <Line d="M12 19C7 15 4.500 12.500 4.500 9.500a3.700 3.700 0 0 1 7.500-1.200a3.700 3.700 0 0 1 7.500 1.200c0 3-2.500 5.500-7.500 9.500Z" />,
  themes: () => <Line d="M8.500 5a3.500 3.500 0 1 1 0 7a3.500 3.500 0 0 1 0-7ZM16.500 8a2.500 2.500 0 1 1 0 5a2.500 2.500 0 0 1 0-5ZM12 15a2.300 2.300 0 1 1 0 4.600a2.300 2.300 0 0 1 0-4.600Z" />,
  saved: () => <StarIcon on={false} />,
  history: () => <Line d="M12 4.500a7.500 7.500 0 1 1 0 15a7.500 7.500 0 0 1 0-15ZM12 8v4l3 2" />,
  compat: () => <Line d="M9.500 7.500a4.500 4.500 0 1 1 0 9a4.500 4.500 0 0 1 0-9ZM14.500 7.500a4.500 4.500 0 1 1 0 9a4.500 4.500 0 0 1 0-9Z" />,
};

function Solid({ d }: { d: string }) {
  return (
    <svg class="solid" viewBox="0 0 24 24" aria-hidden="true">
      <path d={d} />
    </svg>
  );
}

function Line({ d }: { d: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={d} />
    </svg>
  );
}

export function MicrophoneIcon() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d="M12 3.500a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.500 11.500a6.500 6.500 0 0 0 13 0M12 18v3" />
    </svg>
  );
}

export function FileIcon() {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d="M12 15.500v-11M7.500 9L12 4.500L16.500 9M4.500 15.500v4h15v-4" />
    </svg>
  );
}
