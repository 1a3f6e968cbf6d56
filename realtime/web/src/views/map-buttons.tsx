import type { ComponentChildren } from "preact";
import type { MountedMap } from "../map/mount";

const STEP = 1.4;

/** What the map does at the press of a button. */
export function MapButtons({ map }: { map: MountedMap }) {
  const { spinning, following } = map;
  return (
    <div class="map-buttons" role="group" aria-label="Camera" data-over-map>
      <Button name="Zoom in" press={() => map.zoom(STEP)}>
        <path d="M12 6v12M6 12h12" />
      </Button>
      <Button name="Zoom out" press={() => map.zoom(1 / STEP)}>
        <path d="M6 12h12" />
      </Button>
      <Button name="Show all songs" press={map.home}>
        <path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5" />
      </Button>
      <Button name="Turn slowly" pressed={spinning.value} press={() => (spinning.value = !spinning.value)}>
        <path d="M19.5 9A8 8 0 1 0 20 12.5M20 4v5h-5" />
      </Button>
      <Button name="Follow the sound" pressed={following.value} press={() => (following.value = !following.value)}>
        <circle cx="12" cy="12" r="3" />
        <path d="M12 3v4M12 17v4M3 12h4M17 12h4" />
      </Button>
    </div>
  );
}

interface ButtonProps {
  readonly name: string;
  readonly press: () => void;
  readonly pressed?: boolean;
  readonly children: ComponentChildren;
}

function Button({ name, press, pressed, children }: ButtonProps) {
  return (
    <button type="button" class="round" aria-label={name} title={name} aria-pressed={pressed} onClick={press}>
      <svg viewBox="0 0 24 24" aria-hidden="true">
        {children}
      </svg>
    </button>
  );
}
