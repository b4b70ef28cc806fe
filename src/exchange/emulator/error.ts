// What the emulator refuses to its operator: at its start, and of what the control API asks. What clients of the
// emulated exchange do wrong is never one of these.

export type EmulatorErrorCode =
  | "ACCOUNT_TWICE"
  | "ADDRESS_NOT_LOOPBACK"
  | "AMOUNT"
  | "CLOCK"
  | "DEADLINE"
  | "MARKET_SOURCE"
  | "NOT_FOUND"
  | "PORT_TAKEN"
  | "SCRIPT"
  | "STATE";

export class EmulatorError extends Error {
  override readonly name = "EmulatorError";
  readonly code: EmulatorErrorCode;

  constructor(code: EmulatorErrorCode, text: string, options?: ErrorOptions) {
    super(text, options);
    this.code = code;
  }
}
