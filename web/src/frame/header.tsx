// Always there: connection, bot, price, net today, position, alerts, sound, theme, lock, Kill.

import type { ReactNode } from "react";
import { choose, useChoices } from "../choices.ts";
import { botIds, useChosen } from "../chosen.ts";
import { useDigits } from "../digits.ts";
import { useKeys } from "../door/key.ts";
import { span } from "../money/show.ts";
import { useUnseen } from "../panels/alerts.tsx";
import { PhaseTag, strictest, useUnheard } from "../parts/gates.tsx";
import { Icon } from "../parts/icons.tsx";
import { Money } from "../parts/values.tsx";
import { ageOf, ageText, QUIET_MS } from "../picture/freshness.ts";
import { store } from "../picture/store.ts";
import { useNow, usePicture } from "../picture/use.ts";
import { addressOf, currentPlace, go } from "../place.ts";
import { useLastPrice } from "../price.ts";
import { turnTheme, useTheme } from "../theme.ts";
import { News } from "./news.tsx";

export type Sheet = "kill" | "keys" | "pair" | "sound" | null;

function Connection(): ReactNode {
  const link = usePicture((picture) => picture.link);
  const ready = usePicture((picture) => picture.ready);
  const now = useNow();
  const heard = usePicture((picture) => picture.receipts.get("feeds")) ?? now;
  const open = link.state === "open";
  const quiet = open && ready && now - heard > QUIET_MS;
  const word = open
    ? quiet
      ? `silent ${span(now - heard)}`
      : ready
        ? "live"
        : "loading"
    : link.state === "lost"
      ? `lost ${span(Math.max(0, now - link.since))} ago`
      : link.state;
  return (
    <div className="connection" data-connection={quiet ? "silent" : open && ready ? "live" : link.state}>
      <i className={`lamp ${open && !quiet ? "" : link.state === "lost" ? "off" : "wait"}`} aria-hidden="true" />
      <span>{word}</span>
      {open && !quiet && link.latencyMs !== null && (
        <span className="dim" title="round trip to live-server">
          {Math.max(1, Math.round(link.latencyMs))} ms
        </span>
      )}
    </div>
  );
}

function BotChoice(): ReactNode {
  const { botId, symbol } = useChosen();
  const bots = usePicture((picture) => picture.bots);
  const hello = usePicture((picture) => picture.hello);
  const ids = botIds({ bots, hello });
  return (
    <label className="head-item bot-choice">
      <span className="unseen">bot</span>
      <select
        value={botId}
        onChange={(event) => {
          choose({ bot: event.target.value });
          go({ bot: event.target.value, symbol: "" });
        }}
      >
        {ids.length === 0 && botId === "" && <option value="">{symbol || "no bot"}</option>}
        {botId !== "" && !ids.includes(botId) && <option value={botId}>{botId}, not told</option>}
        {ids.map((id) => (
          <option key={id} value={id}>
            {id}
          </option>
        ))}
      </select>
    </label>
  );
}

function Figures(): ReactNode {
  const { bot, botId, symbol } = useChosen();
  const pnl = usePicture((picture) => picture.pnl.get(botId));
  const price = useLastPrice();
  const digits = useDigits();
  const age = ageOf(store.get(), ["BOOK", "CANDLES"], symbol, useNow());
  const unheard = useUnheard();
  const level = bot === undefined ? "RUN" : strictest(bot);
  const base = symbol.split("/")[0] ?? "";
  return (
    <>
      <div className={`head-item head-price${age.stale ? " stale" : ""}`} data-figure="price">
        <b>{digits.price(price)}</b>
        <small>{age.stale ? ageText(age) : symbol}</small>
      </div>
      <div className={`head-item${age.stale ? " stale" : ""}`} data-figure="today">
        <b>
          <Money value={pnl?.today ?? ""} digits={2} />
        </b>
        <small>net today</small>
      </div>
      <div className={`head-item${age.stale ? " stale" : ""}`} data-figure="position">
        <b>
          <Money value={bot?.position ?? ""} />
        </b>
        <small>position {base}</small>
      </div>
      {bot !== undefined && (
        <div className={`head-item roomy-only phone-hidden${age.stale ? " stale" : ""}`}>
          <span>
            <PhaseTag bot={bot} />
          </span>
          <small>
            {unheard ? "not heard now" : level === "RUN" ? "all gates open" : `held at ${level.toLowerCase()}`}
          </small>
        </div>
      )}
    </>
  );
}

function Bell(): ReactNode {
  const unseen = useUnseen();
  const critical = unseen.some((alert) => alert.severity === "CRITICAL");
  return (
    <button
      type="button"
      className="plain"
      onClick={() => go({ screen: "overview", tab: "" })}
      aria-label={`Alerts: ${unseen.length} not seen`}
      title="Alerts"
    >
      <Icon name="bell" />
      {unseen.length > 0 && <span className={`count${critical ? " critical" : ""}`}>{unseen.length}</span>}
    </button>
  );
}

export function Header({ onSheet }: { readonly onSheet: (sheet: Sheet) => void }): ReactNode {
  const { sound } = useChoices();
  const theme = useTheme();
  const unlocked = useKeys().size > 0;
  return (
    <header className="head">
      <button type="button" className="skip" onClick={() => document.getElementById("screen")?.focus()}>
        to the screen
      </button>
      <a className="head-item brand" href={addressOf({ ...currentPlace(), screen: "overview", id: "", tab: "" })}>
        <img src="/favicon.svg" alt="" />
        OpenSQT
      </a>
      <BotChoice />
      <Figures />
      <div className="head-space">
        <News />
      </div>
      <Connection />
      <div className="head-tools">
        <Bell />
        <button
          type="button"
          className="plain phone-hidden"
          onClick={() => onSheet("sound")}
          aria-label={`Sound: ${sound ? "on" : "off"}`}
          title="Sound (s)"
        >
          <Icon name={sound ? "sound" : "mute"} />
        </button>
        <button
          type="button"
          className="plain phone-hidden"
          onClick={turnTheme}
          aria-label={`Theme: ${theme}`}
          title="Theme (t)"
        >
          <Icon name={theme === "dark" ? "moon" : "sun"} />
        </button>
        <button
          type="button"
          className="plain phone-hidden roomy-only"
          onClick={() => onSheet("keys")}
          aria-label="Keys"
          title="Keys (?)"
        >
          <Icon name="keys" />
        </button>
        <button
          type="button"
          className="plain"
          onClick={() => onSheet("pair")}
          aria-label={unlocked ? "Unlocked: lock the controls" : "Locked: unlock the controls"}
          title={unlocked ? "Unlocked" : "Locked"}
        >
          <Icon name={unlocked ? "unlock" : "lock"} />
        </button>
        <button type="button" className="danger kill" onClick={() => onSheet("kill")}>
          Kill
        </button>
      </div>
    </header>
  );
}
