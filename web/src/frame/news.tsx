// What happens, told: sound and its visual twin for fills and critical alerts, and live regions for screen readers
// (polite sums of fills once a second, assertive critical alerts).

import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Alert, Fill } from "../../../src/live/messages.ts";
import { plain } from "../money/show.ts";
import { Side } from "../parts/values.tsx";
import { store } from "../picture/store.ts";
import { alarmSound, fillSound } from "../sound.ts";

const SHOWN_MS = 5000;
const SHOWN_MAX = 3;
const SUM_MS = 1000;

interface Toast {
  readonly key: string;
  readonly fill?: Fill;
  readonly alert?: Alert;
}

function sumOf(fills: readonly Fill[]): string {
  const buys = fills.filter((fill) => fill.side === "BUY").length;
  const first = fills[0];
  if (fills.length === 1 && first !== undefined)
    return `${first.side === "BUY" ? "Bought" : "Sold"} ${first.qty} at ${first.price}`;
  return `${fills.length} fills: ${buys} buys, ${fills.length - buys} sells`;
}

export function News(): ReactNode {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const [spoken, setSpoken] = useState("");
  const [alarm, setAlarm] = useState("");
  const summed = useRef<Fill[]>([]);
  useEffect(() => {
    const timers = new Set<ReturnType<typeof setTimeout>>();
    const show = (toast: Toast): void => {
      // an alert may be told again with more to say
      setToasts((known) => [toast, ...known.filter((each) => each.key !== toast.key)].slice(0, SHOWN_MAX));
      const timer = setTimeout(() => {
        timers.delete(timer);
        setToasts((known) => known.filter((each) => each !== toast));
      }, SHOWN_MS);
      timers.add(timer);
    };
    const stop = store.onNews(({ fills, alerts }) => {
      for (const fill of fills) {
        fillSound(fill.side);
        summed.current.push(fill);
        show({ key: fill.id, fill });
      }
      for (const alert of alerts) {
        if (alert.severity !== "CRITICAL" || alert.resolvedAt > 0) continue;
        alarmSound();
        setAlarm(`${alert.title}. ${alert.text} ${alert.todo}`);
        show({ key: alert.id, alert });
      }
    });
    const timer = setInterval(() => {
      if (summed.current.length === 0) return;
      setSpoken(sumOf(summed.current));
      summed.current = [];
    }, SUM_MS);
    return () => {
      stop();
      clearInterval(timer);
      for (const each of timers) clearTimeout(each);
    };
  }, []);
  return (
    <>
      <p className="unseen" aria-live="polite" data-live="fills">
        {spoken}
      </p>
      <p className="unseen" role="alert" data-live="alerts">
        {alarm}
      </p>
      <div className="news" aria-hidden="true">
        {toasts.map(({ key, fill, alert }) => (
          <p key={key} data-toast={fill === undefined ? "alert" : "fill"}>
            {fill !== undefined && (
              <>
                <Side side={fill.side} /> {plain(fill.qty)} @ {plain(fill.price)}
              </>
            )}
            {alert !== undefined && (
              <>
                <b className="sell">■ {alert.title}</b> {alert.todo}
              </>
            )}
          </p>
        ))}
      </div>
    </>
  );
}
