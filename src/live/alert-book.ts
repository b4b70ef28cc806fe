// The last 500 alerts of all engines, oldest first (LIVE-04).

import type { Alert } from "./messages.ts";

export const ALERTS_MAX = 500;

export class AlertBook {
  private list: { readonly source: string; readonly alert: Alert }[] = [];

  /** False when this very alert is known. */
  put(source: string, alert: Alert): boolean {
    const index = this.list.findIndex((each) => each.source === source && each.alert.id === alert.id);
    if (index !== -1) {
      if (JSON.stringify(this.list[index]?.alert) === JSON.stringify(alert)) return false;
      this.list[index] = { source, alert };
      return true;
    }
    let place = this.list.length;
    while (place > 0 && (this.list[place - 1]?.alert.at ?? 0) > alert.at) place -= 1;
    this.list.splice(place, 0, { source, alert });
    if (this.list.length > ALERTS_MAX) this.list.shift();
    return true;
  }

  /** The alerts one source still has; what it has forgotten stays here until it falls out. */
  replace(source: string, list: readonly Alert[]): void {
    for (const alert of list) this.put(source, alert);
  }

  /** The newest `count`, oldest first. */
  last(count: number): readonly Alert[] {
    return this.list.slice(Math.max(0, this.list.length - count)).map(({ alert }) => alert);
  }
}
