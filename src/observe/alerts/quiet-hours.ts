// Hours in which only critical alerts go out (OPS-28), by the clock of a place. Times are read by the minute.

export interface QuietHours {
  /** Minutes after midnight; `from` belongs to them, `to` does not. Over midnight where `from` is later. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** IANA name: "Europe/Berlin". */
  readonly zone: string;
}

/** Unix ms → whether it is quiet there. Throws RangeError for a zone nobody knows. */
export function quietTeller({ fromMinute, toMinute, zone }: QuietHours): (wallMs: number) => boolean {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  return (wallMs) => {
    const [hour = "0", minute = "0"] = format.format(wallMs).split(":");
    const at = Number.parseInt(hour, 10) * 60 + Number.parseInt(minute, 10);
    return fromMinute <= toMinute ? at >= fromMinute && at < toMinute : at >= fromMinute || at < toMinute;
  };
}
