// Reads one decoded journal body field by field. Whatever a hostile or damaged body holds, the answer is a value of the
// right shape or a JournalError that names the record and the field; never a TypeError later.

import { encodeCanonical, reviveCanonical } from "../base/canonical.ts";
import { isCoreInteger } from "../base/integer.ts";
import {
  type Lots,
  lots,
  type MilliTicks,
  type Money,
  milliTicks,
  money,
  type Ticks,
  ticks,
} from "../market/amounts.ts";
import { corrupt } from "./errors.ts";

const BIGINT = /^(?:0|-?[1-9]\d{0,99})$/;

/** Members of a union as keys, so that a new member fails the compile: `{ buy: true, sell: true }`. */
export type Members<T extends string> = Readonly<Record<T, true>>;

/** Where a body stands, for the error. */
export interface Place {
  readonly position: number;
  readonly what: string;
}

type Fields = Readonly<Record<string, unknown>>;

export class Body {
  private readonly fields: Fields;
  private readonly place: Place;
  private read = 0;

  /** `value` is parsed JSON; anything but a plain object is refused. */
  constructor(value: unknown, place: Place) {
    this.place = place;
    if (typeof value !== "object" || value === null || Array.isArray(value)) this.refuse("body", "an object");
    this.fields = value as Fields;
  }

  integer(key: string): number {
    const value = this.take(key);
    return isCoreInteger(value) ? value : this.refuse(key, "a safe integer");
  }

  integerIfGiven(key: string): number | undefined {
    return Object.hasOwn(this.fields, key) ? this.integer(key) : undefined;
  }

  integerOrNull(key: string): number | null {
    return this.isNull(key) ? null : this.integer(key);
  }

  ticks(key: string): Ticks {
    return ticks(this.integer(key));
  }

  lots(key: string): Lots {
    return lots(this.integer(key));
  }

  milliTicks(key: string): MilliTicks {
    return milliTicks(this.integer(key));
  }

  milliTicksIfGiven(key: string): MilliTicks | undefined {
    return Object.hasOwn(this.fields, key) ? this.milliTicks(key) : undefined;
  }

  milliTicksOrNull(key: string): MilliTicks | null {
    return this.isNull(key) ? null : this.milliTicks(key);
  }

  money(key: string): Money {
    const value = this.take(key);
    if (typeof value === "object" && value !== null && Object.keys(value).length === 1) {
      const digits: unknown = (value as Fields)["$n"];
      if (typeof digits === "string" && BIGINT.test(digits)) return money(BigInt(digits));
    }
    return this.refuse(key, 'an amount {"$n":"…"}');
  }

  moneyIfGiven(key: string): Money | undefined {
    return Object.hasOwn(this.fields, key) ? this.money(key) : undefined;
  }

  moneyOrNull(key: string): Money | null {
    return this.isNull(key) ? null : this.money(key);
  }

  lotsOrNull(key: string): Lots | null {
    return this.isNull(key) ? null : this.lots(key);
  }

  text(key: string): string {
    const value = this.take(key);
    return typeof value === "string" ? value : this.refuse(key, "text");
  }

  textOrNull(key: string): string | null {
    return this.isNull(key) ? null : this.text(key);
  }

  textIfGiven(key: string): string | undefined {
    return Object.hasOwn(this.fields, key) ? this.text(key) : undefined;
  }

  flag(key: string): boolean {
    const value = this.take(key);
    return typeof value === "boolean" ? value : this.refuse(key, "true or false");
  }

  oneOf<T extends string>(key: string, members: Members<T>): T {
    const value = this.take(key);
    if (typeof value === "string" && Object.hasOwn(members, value)) return value as T;
    return this.refuse(key, `one of ${Object.keys(members).join(", ")}`);
  }

  oneOfIfGiven<T extends string>(key: string, members: Members<T>): T | undefined {
    return Object.hasOwn(this.fields, key) ? this.oneOf(key, members) : undefined;
  }

  oneOfOrNull<T extends string>(key: string, members: Members<T>): T | null {
    return this.isNull(key) ? null : this.oneOf(key, members);
  }

  object(key: string): Body {
    return new Body(this.take(key), { position: this.place.position, what: `${this.place.what}.${key}` });
  }

  objects<T>(key: string, read: (item: Body) => T): readonly T[] {
    return this.list(key).map((item) => {
      const body = new Body(item, { position: this.place.position, what: `${this.place.what}.${key}` });
      const result = read(body);
      body.end();
      return result;
    });
  }

  objectsIfGiven<T>(key: string, read: (item: Body) => T): readonly T[] | undefined {
    return Object.hasOwn(this.fields, key) ? this.objects(key, read) : undefined;
  }

  objectOrNull<T>(key: string, read: (item: Body) => T): T | null {
    if (this.isNull(key)) return null;
    const body = this.object(key);
    const result = read(body);
    body.end();
    return result;
  }

  texts(key: string): readonly string[] {
    return this.list(key).map((item) => (typeof item === "string" ? item : this.refuse(key, "a list of texts")));
  }

  list(key: string): readonly unknown[] {
    const value = this.take(key);
    return Array.isArray(value) ? value : this.refuse(key, "a list");
  }

  /** Data whose shape belongs to somebody else; any canonical value. */
  opaque(key: string): unknown {
    const value = this.take(key);
    try {
      const revived = reviveCanonical(value);
      encodeCanonical(revived); // a float or a reserved key is refused here, not when the state is hashed
      return revived;
    } catch {
      return this.refuse(key, "canonical data");
    }
  }

  /** Every field with its value, for bodies whose keys are free. */
  entries(): readonly (readonly [string, unknown])[] {
    const entries = Object.entries(this.fields);
    this.read = entries.length;
    return entries;
  }

  /** Refuses fields nobody asked for: what is not read would be lost when the body is written again. */
  end(): void {
    const count = Object.keys(this.fields).length;
    if (count !== this.read) this.refuse("body", `${this.read} fields and not ${count}`);
  }

  refuse(key: string, expected: string): never {
    throw corrupt(this.place.position, `the body of ${this.place.what} is damaged: ${key} is not ${expected}`);
  }

  private isNull(key: string): boolean {
    if (!Object.hasOwn(this.fields, key) || this.fields[key] !== null) return false;
    this.read += 1;
    return true;
  }

  private take(key: string): unknown {
    if (!Object.hasOwn(this.fields, key)) return this.refuse(key, "there, but expected");
    this.read += 1;
    return this.fields[key];
  }
}
