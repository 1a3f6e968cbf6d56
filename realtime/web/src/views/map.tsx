import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Explore } from "../explore/state";
import { count } from "../format";
import { categorize, nameOfRow } from "../map/categories";
import { mountMap, type MountedMap } from "../map/mount";
import type { Sources } from "../map/follow";
import "../styles/map.css";
import { Legend } from "./legend";
import { MapButtons } from "./map-buttons";

export interface MapViewProps {
  readonly store: Sources["store"];
  readonly explore: Explore;
}

/** All songs as points in space, and where among them the sound is. */
export function MapView({ store, explore }: MapViewProps) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const labels = useRef<HTMLDivElement>(null);
  const card = useRef<HTMLDivElement>(null);
  const mounted = useSignal<MountedMap | null>(null);
  const missing = useSignal(false);
  const categories = useComputed(() => {
    const map = explore.map.value;
    return map === null ? null : categorize(map, explore.colourBy.value);
  });
  useEffect(() => {
    const stage = {
      frame: frame.current!,
      canvas: canvas.current!,
      overlay: overlay.current!,
      labels: labels.current!,
      card: card.current!,
    };
    const obstacles = () => [...stage.frame.parentElement!.querySelectorAll("[data-over-map]")];
    try {
      mounted.value = mountMap({ stage, store, explore, categories, obstacles });
    } catch {
      missing.value = true;
    }
    return () => mounted.value?.destroy();
  }, [store, explore]);
  return (
    <section class="map" data-testid="map" aria-label="Map of all songs">
      <div
        class="map-frame"
        ref={frame}
        role="application"
        tabIndex={missing.value ? -1 : 0}
        aria-label={`Map with ${count(explore.map.value?.ids.length ?? 0, "song")}`}
        aria-describedby="map-keys"
        hidden={missing.value}
      >
        <canvas ref={canvas} class="map-points" aria-hidden="true" />
        <canvas ref={overlay} class="map-overlay" aria-hidden="true" />
        <div ref={labels} class="map-labels" aria-hidden="true" />
        <div class="map-middle" aria-hidden="true" />
        <div ref={card} class="map-card" data-testid="map-hover" data-shown="false">
          <Card explore={explore} />
        </div>
      </div>
      <p id="map-keys" class="spoken">
        Arrow keys turn the map, with Shift they move it. Plus and minus zoom, Page Up and Page Down zoom far. Enter
        selects the song in the middle, Escape leaves it, Home shows all songs. The table has the same songs.
      </p>
      {missing.value && <Missing />}
      {mounted.value?.lost.value === true && (
        <p class="map-notice" role="status">
          The browser has interrupted the map. It comes back by itself.
        </p>
      )}
      <Legend explore={explore} categories={categories} />
      {mounted.value !== null && <MapButtons map={mounted.value} />}
      <Spoken explore={explore} />
    </section>
  );
}

function Missing() {
  return (
    <p class="map-missing" data-testid="map-missing">
      This browser has no WebGL, or it is switched off, so the map cannot be drawn. Everything else works without it:
      the table has all the songs.
    </p>
  );
}

/** The song under the pointer. */
function Card({ explore }: { explore: Explore }) {
  const song = explore.hovered.value;
  const map = explore.map.value;
  if (song === null || map === null) return null;
  const name = explore.nameOf(song);
  const genre = name?.genre ?? nameOfRow(map, "genre", map.indexOf(song));
  return (
    <>
      <strong>{name?.title ?? "…"}</strong>
      {name?.artist != null && <span>{name.artist}</span>}
      {genre !== null && <small>{genre}</small>}
      {explore.starred.value.has(song) && <small class="map-star">★ favourite</small>}
    </>
  );
}

/** Tells a screen reader which song lies in the middle while the map is worked with keys. */
function Spoken({ explore }: { explore: Explore }) {
  const song = explore.hovered.value;
  const name = song === null ? null : explore.nameOf(song);
  const text = name === null ? "" : name.artist === null ? name.title : `${name.title} by ${name.artist}`;
  return (
    <p class="spoken" aria-live="polite" data-testid="map-announcement">
      {text}
    </p>
  );
}
