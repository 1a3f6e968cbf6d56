/** Play, or pause while `running`. */
export function PlayIcon({ running }: { running: boolean }) {
  return (
    <svg class="solid" viewBox="0 0 24 24" aria-hidden="true">
      <path d={running ? "M8 6h3v12H8zM13 6h3v12h-3z" : "M9 6.200v11.600L18 12z"} />
    </svg>
  );
}

export function StopIcon() {
  return (
    <svg class="solid" viewBox="0 0 24 24" aria-hidden="true">
      <path d="M7.500 7.500h9v9h-9z" />
    </svg>
  );
}
