// What stands above every screen when it is true: simulated money, the lost connection, a new release, lost messages.

import type { ReactNode } from "react";
import { useChosen } from "../chosen.ts";
import { span } from "../money/show.ts";
import { useNow, usePicture } from "../picture/use.ts";
import { link } from "../wire/link.ts";
import { AwayBars } from "./away.tsx";

function LostBar(): ReactNode {
  const state = usePicture((picture) => picture.link);
  const now = useNow();
  if (state.state !== "lost" && !(state.state === "connecting" && state.tries > 0)) return null;
  const wait = state.nextTryAt - now;
  const words = state.state === "lost" ? "Connection lost" : "Cannot reach live-server for";
  return (
    <div className="lost-bar" role="status" data-note="lost">
      <b>
        {words} {span(Math.max(0, now - state.since))}
        {state.state === "lost" ? " ago" : ""}
      </b>
      <span>{state.nextTryAt === 0 ? "trying now" : `next try in ${span(Math.max(0, wait))}`}</span>
      {state.why !== "" && <span>({state.why})</span>}
      <span>Trading is not affected; what you see is the last picture.</span>
      <button type="button" onClick={() => link.tryNow()}>
        try now
      </button>
    </div>
  );
}

function RecoveringBar(): ReactNode {
  const { bot } = useChosen();
  if (bot === undefined || bot.phase !== "RECOVERING") return null;
  return (
    <div className="note-bar" role="status">
      {bot.id} recovering: {bot.unknown} orders still to be settled with the exchange. It places nothing until then.
    </div>
  );
}

export function Notes(): ReactNode {
  const demo = usePicture((picture) => picture.hello?.demo) ?? false;
  const release = usePicture((picture) => picture.hello?.release);
  const first = usePicture((picture) => picture.firstRelease);
  const fault = usePicture((picture) => picture.fault);
  return (
    <section className="notes" aria-label="Notes">
      {demo && <div className="ribbon">simulated money</div>}
      <LostBar />
      <AwayBars />
      <RecoveringBar />
      {first !== null && release !== undefined && release !== first && (
        <div className="note-bar" role="status">
          The server runs version {release} now.
          <button type="button" onClick={() => location.reload()}>
            reload for version {release}
          </button>
        </div>
      )}
      {fault !== "" && (
        <div className="note-bar" role="status">
          live-server: {fault}
        </div>
      )}
    </section>
  );
}
