// The faults that strike a process, its disk, its clock and its network: what each does, how it ends, and what the
// bot owes us for it (the right refusal, or simply to survive).

import { MemoryDisk } from "../../src/journal/memory.ts";
import { parseClientOrderId } from "../../src/trading/client-order-id.ts";
import type { MachineFault } from "./faults.ts";
import { REACHABLE_POINTS } from "./points.ts";
import type { World } from "./world.ts";

export class Strikes {
  private readonly world: World;
  /** True once the healing has begun. */
  private readonly over: () => boolean;
  private readonly restart: (why: string) => void;
  private outUntilUs = 0;
  private inUntilUs = 0;

  constructor(world: World, parts: { readonly over: () => boolean; readonly restart: (why: string) => void }) {
    this.world = world;
    this.over = parts.over;
    this.restart = parts.restart;
  }

  strike(kind: MachineFault): void {
    const { world } = this;
    const { prng } = world;
    switch (kind) {
      case "kill":
        world.kill();
        return;
      case "killAtPoint":
        this.armPoint();
        return;
      case "freeze":
        world.main?.freeze(prng.integer(1_000_000, 120_000_000));
        return;
      case "sleep":
        for (const process of [world.main, ...world.copies]) process?.freeze(prng.integer(60_000_000, 300_000_000));
        return;
      case "secondCopy":
        this.secondCopy();
        return;
      case "takenOver":
        this.takeOver();
        return;
      case "stop":
      case "doubleStop":
        this.stop(kind === "doubleStop");
        return;
      case "powerCut":
        world.powerCut();
        return;
      case "commitFails":
      case "diskFull":
      case "readOnly":
        this.breakDisk(kind);
        return;
      case "slowCommit":
        this.slowDisk();
        return;
      case "lostTail":
      case "flippedByte":
        this.damage(kind);
        return;
      case "oldBackup":
        this.putBackOld();
        return;
      case "clockStepAhead":
      case "clockStepBack":
        this.stepClock(prng.integer(500, 90_000) * (kind === "clockStepAhead" ? 1 : -1));
        return;
      case "clockDrift":
        world.machine.drift(prng.integer(-500, 500));
        return;
      case "partition":
        this.cut("both");
        return;
      case "deaf":
        this.cut("in");
        return;
      case "mute":
        this.cut("out");
        return;
      case "slowReader":
        this.slowReader();
        return;
      case "connectorRestart":
        this.cut("both", 8_000_000);
        world.main?.port?.dropCalls();
        return;
      case "slowLoop": {
        const untilUs = world.clock.nowUs() + prng.integer(5_000_000, 60_000_000);
        const us = prng.integer(20_000, 300_000);
        world.commitUs = () => (world.clock.nowUs() < untilUs ? us : 0);
        return;
      }
    }
  }

  /** A second copy beside a running one must be told who holds the journal, and end. */
  private secondCopy(): void {
    const { world } = this;
    if (!world.alive || world.disk.holder === null) return;
    const copy = world.newProcess(world.disk);
    let said = "it started";
    this.excusing(["LOCK_HELD"], () => world.tryStart(copy, (code) => (said = code)));
    if (said !== "LOCK_HELD") world.report("fence", `a second copy beside a running one: ${said}, not LOCK_HELD`);
    copy.kill();
  }

  /** The lock is lost (a network disk) and a second copy takes over: the first must find out before it sends. */
  private takeOver(): void {
    const { world } = this;
    const { main, disk } = world;
    if (main === null || !world.alive || disk.holder === null) return;
    disk.processDied();
    world.excused.add("FENCED");
    world.copies.push(main);
    world.main = null;
    world.start();
  }

  armPoint(): void {
    const { world } = this;
    const points = world.scenario.points ?? REACHABLE_POINTS;
    const name = points[world.prng.integer(0, points.length - 1)];
    const passages = world.scenario.points === undefined ? 12 : 2;
    if (name !== undefined) world.armedPoint = { name, left: world.prng.integer(1, passages) };
  }

  private stop(twice: boolean): void {
    const { world } = this;
    const { main } = world;
    if (main?.host == null || !world.alive) return;
    for (const code of ["ORDERS_REMAIN", "SECOND_SIGNAL"]) world.excused.add(code);
    main.through(() => main.host?.requestStop("SIGTERM"));
    if (!twice) return;
    world.after(world.prng.integer(0, 4_000), () => {
      if (main.alive) main.through(() => main.host?.requestStop("SIGTERM"));
    });
  }

  private breakDisk(kind: "commitFails" | "diskFull" | "readOnly"): void {
    const { world } = this;
    world.excused.add("CANNOT_WRITE");
    const fault = kind === "commitFails" ? "failed" : kind === "diskFull" ? "full" : "read-only";
    let left = kind === "commitFails" ? 1 : Number.POSITIVE_INFINITY;
    const spared = world.prng.integer(0, 3);
    let writes = 0;
    world.disk.fault = () => {
      writes += 1;
      if (writes <= spared || left <= 0) return null;
      left -= 1;
      return fault;
    };
    world.after(world.prng.integer(1_000, 30_000), () => {
      world.disk.fault = () => null;
    });
  }

  private slowDisk(): void {
    const { world } = this;
    const us = world.prng.integer(20_000, 2_500_000);
    let left = world.prng.integer(1, 5);
    world.commitUs = () => {
      left -= 1;
      return left >= 0 ? us : 0;
    };
  }

  /** A damaged copy of the disk must be refused with the right words; the good one is untouched. */
  private damage(kind: "lostTail" | "flippedByte"): void {
    const { world } = this;
    const { disk, prng } = world;
    if (!world.alive || disk.records.length < 10) return;
    const bad = copyOf(disk);
    let wanted: readonly string[];
    if (kind === "lostTail") {
      const { head } = disk;
      if (head === null || head.position < 5) return;
      bad.cutTo(prng.integer(Math.max(1, head.position - 200), head.position - 1));
      wanted = ["JOURNAL_BEHIND"];
    } else {
      const from = disk.snapshots.at(-1)?.position ?? 0;
      const candidates = bad.records.length - from;
      if (candidates < 2) return;
      const at = from + prng.integer(0, candidates - 1);
      const record = bad.records[at];
      if (record === undefined) return;
      bad.records[at] = { ...record, body: record.body.replace(/.$/, "~") };
      wanted = ["JOURNAL_CORRUPT"];
    }
    this.mustRefuse(bad, wanted, kind);
  }

  private mustRefuse(bad: MemoryDisk, wanted: readonly string[], kind: string): void {
    const { world } = this;
    const copy = world.newProcess(bad);
    let said = "it started";
    this.excusing(wanted, () => world.tryStart(copy, (code) => (said = code)));
    copy.kill();
    if (!wanted.includes(said)) world.report("damage", `${kind}: ${said}, not ${wanted.join(" or ")}`);
  }

  /** An older copy of the disk, its `head` too: the exchange is the witness (DUR-25). */
  private putBackOld(): void {
    const { world } = this;
    const old = copyOf(world.disk);
    const { seq } = lastEvent(old);
    world.after(world.prng.integer(60_000, 600_000), () => {
      if (this.over() || !world.alive) return;
      const newer = world.tape
        .openOrders()
        .find(({ clientOrderId }) => (parseClientOrderId(clientOrderId)?.seq ?? 0) > seq + 50);
      if (newer === undefined) return;
      world.note(`an old copy of the journal, up to event ${seq}, is started while the bot is stopped`);
      const back = world.main;
      world.onGone = () => {};
      world.kill(back);
      const copy = world.newProcess(old);
      world.excused.add("JOURNAL_BEHIND_EXCHANGE");
      world.tryStart(copy, () => {});
      world.onEndOf = (process, code) => {
        if (process !== copy) return;
        if (code !== "JOURNAL_BEHIND_EXCHANGE") world.report("damage", `an old backup: ended with ${code}`);
        // a latched kill switch cancels whatever is ours, known or not
        const killed = copy.host?.state.kill.phase !== "off";
        for (const { kind, clientOrderId } of copy.sent) {
          if (kind === "cancel" && killed) continue;
          if (kind === "cancel" && (parseClientOrderId(clientOrderId)?.seq ?? 0) <= seq) continue;
          world.report("damage", `an old backup sent ${kind} ${clientOrderId}`);
        }
      };
      world.after(30_000, () => {
        copy.kill();
        world.onEndOf = () => {};
        world.onGone = (why) => this.restart(why);
        world.start();
      });
    });
  }

  private stepClock(ms: number): void {
    const { world } = this;
    world.machine.step(ms);
    world.after(world.prng.integer(5_000, 120_000), () => {
      if (!this.over()) world.machine.step(-ms);
    });
  }

  /** What comes in is read late, and later and later: a heavy tail on one link. */
  private slowReader(): void {
    const { world } = this;
    const { network, prng } = world;
    network.lateUs = prng.integer(50_000, 4_000_000);
    world.after(prng.integer(2_000, 60_000), () => {
      network.lateUs = 0;
    });
  }

  private cut(what: "in" | "out" | "both", mostUs = 60_000_000): void {
    const { world } = this;
    const { network, clock, prng } = world;
    const untilUs = clock.nowUs() + prng.integer(500_000, mostUs);
    if (what !== "in") {
      this.outUntilUs = Math.max(this.outUntilUs, untilUs);
      network.out = "cut";
    }
    if (what !== "out") {
      this.inUntilUs = Math.max(this.inUntilUs, untilUs);
      network.in = "cut";
    }
    clock.atUs(untilUs, () => {
      if (clock.nowUs() >= this.outUntilUs) network.out = "open";
      if (clock.nowUs() < this.inUntilUs) return;
      if (network.in === "cut") network.in = "open";
    });
    if (what !== "out") world.main?.port?.lostStreams(untilUs);
  }

  private excusing(codes: readonly string[], act: () => void): void {
    const { excused } = this.world;
    const added = codes.filter((code) => !excused.has(code));
    for (const code of added) excused.add(code);
    act();
    for (const code of added) excused.delete(code);
  }
}

function lastEvent(disk: MemoryDisk): { readonly seq: number } {
  return disk.records.findLast((record) => record.type === "event") ?? { seq: 0 };
}

function copyOf(disk: MemoryDisk): MemoryDisk {
  const copy = new MemoryDisk();
  copy.meta = disk.meta;
  copy.records = [...disk.records];
  copy.postings = [...disk.postings];
  copy.snapshots = [...disk.snapshots];
  for (const [hash, text] of disk.configs) copy.configs.set(hash, text);
  for (const [id, position] of disk.places) copy.places.set(id, position);
  copy.lines = new Set(disk.lines);
  copy.head = disk.head;
  copy.synced = disk.synced;
  return copy;
}
