// Assertions are for our own bugs and stay on in production. What the world can cause is never asserted.

/** Our own bug: the state contradicts an invariant. Nothing may go on after it. */
export class BugError extends Error {
  override readonly name = "BugError";
}

/** Throws {@link BugError} unless `condition` holds. `message` says which invariant is broken. */
export function assert(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new BugError(typeof message === "string" ? message : message());
}

/** Value of an array, map or option that an invariant says is there. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new BugError(`${what} is missing`);
  return value;
}
