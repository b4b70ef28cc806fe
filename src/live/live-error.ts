// The one error class of live-server's edge.

export type LiveErrorCode = "AUTH_NONE" | "AUTH_MODE" | "ORIGIN_ANY" | "JWT_SECRET" | "JWT_KEY" | "WEB_DIRECTORY";

/** A configuration live-server does not start with; the message names key, value and what is allowed. */
export class LiveError extends Error {
  readonly code: LiveErrorCode;

  constructor(code: LiveErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
