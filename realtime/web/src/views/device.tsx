import { useEffect, useRef, useState } from "preact/hooks";
import type { From } from "../device/capture";
import type { Device, DeviceState } from "../device/device";
import { MicrophoneIcon } from "./icons";
import { usePopover } from "./popover";

/** Lets the browser's own microphone, or a tab's sound, be what is heard. */
export function DeviceButton({ device }: { device: Device }) {
  const state = device.state.value;
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  usePopover(place, open, () => setOpen(false));
  const listens = state.kind === "listening" || state.kind === "lost";
  useEffect(() => {
    if (listens) setOpen(false);
    if (state.kind === "refused") setOpen(true);
  }, [listens, state.kind]);
  return (
    <div class="device" data-testid="device" data-state={state.kind} ref={place}>
      <button
        type="button"
        class="plain"
        data-testid="device-button"
        aria-expanded={listens ? undefined : open}
        aria-pressed={listens}
        onClick={() => (listens ? device.stop() : setOpen(!open))}
      >
        <MicrophoneIcon />
        <span>{listens ? "Stop listening here" : "Listen here"}</span>
      </button>
      <p class="spoken" role="status">
        {SAID[state.kind]}
      </p>
      {open && !listens && <Choice device={device} state={state} />}
      {listens && <Troubles device={device} lost={state.kind === "lost"} />}
    </div>
  );
}

const SAID: Record<DeviceState["kind"], string> = {
  off: "",
  asking: "The browser asks whether it may.",
  listening: "This device listens.",
  lost: "This device listens, and the server is out of reach.",
  refused: "This device cannot listen.",
};

function Choice({ device, state }: { device: Device; state: DeviceState }) {
  const tabs = typeof navigator.mediaDevices?.getDisplayMedia === "function";
  return (
    <div class="popover" role="group" aria-label="Listen with this device">
      <p class="hint">
        nowhear hears what this device hears, and shows it on this page only. The sound goes to your server and is not
        kept.
      </p>
      <div class="inline">
        <Source device={device} state={state} from="microphone" label="Microphone" />
        {tabs && <Source device={device} state={state} from="tab" label="Sound of a tab" />}
      </div>
      {state.kind === "asking" && <p class="hint">Answer the browser’s question to go on.</p>}
      {state.kind === "refused" && (
        <div class="refused" role="alert" data-testid="device-refused">
          <p>{state.refusal.why}</p>
          <p class="hint">{state.refusal.mend}</p>
        </div>
      )}
    </div>
  );
}

function Source({ device, state, from, label }: { device: Device; state: DeviceState; from: From; label: string }) {
  const asking = state.kind === "asking" && state.from === from;
  return (
    <button
      type="button"
      class="plain"
      data-testid={`device-${from}`}
      disabled={asking}
      onClick={() => void device.start(from)}
    >
      {label}
    </button>
  );
}

/** What hinders the sound on its way, in a few words. */
function Troubles({ device, lost }: { device: Device; lost: boolean }) {
  const dropped = device.droppedS.value;
  if (!lost && dropped === 0) return null;
  return (
    <p class="device-trouble">{lost ? "looking for the server" : `${dropped.toFixed(1)} s dropped: too slow`}</p>
  );
}
