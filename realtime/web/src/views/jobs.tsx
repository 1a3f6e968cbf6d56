import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { App } from "../app";
import { isWaiting, titleOf } from "../explore/jobs";
import { percent } from "../format";
import type { Job } from "../protocol/types";
import { CloseIcon } from "./icons";
import { usePopover } from "./popover";

const WORDS: Readonly<Record<Job["state"], string>> = {
  queued: "waits",
  running: "",
  done: "done",
  failed: "failed",
  cancelled: "cancelled",
};

/** Long commands: how far the one is that runs, and behind it all of them. Away
    while none waits, runs or has just failed. */
export function JobsButton({ app }: { app: App }) {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  usePopover(place, open, () => setOpen(false));
  const seen = app.jobs.seen.value;
  const failed = seen.at(-1)?.state === "failed" || open ? seen.at(-1) : undefined;
  const first = seen.find((job) => job.state === "running") ?? seen.find(isWaiting) ?? failed;
  if (first === undefined) return null;
  return (
    <div class="jobs" data-testid="jobs" ref={place}>
      <button
        type="button"
        class="plain"
        data-testid="jobs-button"
        data-state={first.state}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Ring job={first} />
        <span class="jobs-words">
          {titleOf(first)} <span>{state(first)}</span>
        </span>
      </button>
      {open && (
        <section class="popover jobs-list" aria-label="Long commands">
          <ul class="lines">
            {seen.toReversed().map((job) => (
              <Row key={job.job} app={app} job={job} />
            ))}
          </ul>
          {app.jobs.trouble.value !== null && <p class="failed">{app.jobs.trouble.value}</p>}
        </section>
      )}
    </div>
  );
}

/** How far a job is, in words: `42 %`, `waits`, `failed`. */
export function state(job: Job): string {
  if (job.state !== "running") return WORDS[job.state];
  return job.progress === null ? "runs" : percent(job.progress);
}

function Row({ app, job }: { app: App; job: Job }) {
  return (
    <li data-job={job.job} data-state={job.state}>
      <div class="line">
        <span class="jobs-name">{titleOf(job)}</span>
        <span class="hint">{state(job)}</span>
        {isWaiting(job) && (
          <button
            type="button"
            class="round small"
            data-testid="cancel-job"
            aria-label={`Cancel: ${titleOf(job)}`}
            onClick={() => void app.jobs.cancel(job)}
          >
            <CloseIcon />
          </button>
        )}
      </div>
      {job.state === "running" && <Bar progress={job.progress} label={titleOf(job)} />}
      {job.message !== null && <p class={job.state === "failed" ? "failed" : "hint"}>{job.message}</p>}
    </li>
  );
}

function Bar({ progress, label }: { progress: number | null; label: string }) {
  const value = progress === null ? {} : { "aria-valuenow": Math.round(100 * progress) };
  return (
    <div class="bar" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} {...value}>
      <span style={{ transform: `scaleX(${(progress ?? 0).toFixed(3)})` }} />
    </div>
  );
}

const RADIUS = 8;
const ROUND = 2 * Math.PI * RADIUS;

function Ring({ job }: { job: Job }) {
  const share = job.state === "done" ? 1 : (job.progress ?? 0);
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" class="ring">
      <circle cx="12" cy="12" r={RADIUS} class="ring-all" />
      <circle cx="12" cy="12" r={RADIUS} strokeDasharray={`${(share * ROUND).toFixed(2)} ${ROUND.toFixed(2)}`} transform="rotate(-90 12 12)" />
    </svg>
  );
}

interface ButtonProps {
  app: App;
  /** What the server is asked to begin. */
  command: string;
  /** Under which name it then runs. */
  name: string;
  children: ComponentChildren;
}

/** Begins a long command, and says how far it is while it runs. */
export function JobButton({ app, command, name, children }: ButtonProps) {
  const job = app.jobs.of(name);
  return (
    <>
      <button type="button" class="plain" data-testid="begin-job" disabled={job !== null} onClick={() => void app.jobs.begin(command)}>
        {job === null ? children : `${titleOf(job)}: ${state(job)}`}
      </button>
      {job === null && app.jobs.trouble.value !== null && <span class="failed"> {app.jobs.trouble.value}</span>}
    </>
  );
}
