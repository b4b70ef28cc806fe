// What may go wrong with the HTTP listener of a process, and the exit code that follows.

export type HttpErrorCode = "PORT_TAKEN" | "CANNOT_BIND";

export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: HttpErrorCode;
  /** 3 of the one table: the configuration asks for what cannot be had. */
  readonly exitCode = 3;

  constructor(code: HttpErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
