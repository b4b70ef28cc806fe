// Two short tones for a fill, rising for a buy and falling for a sell; three for a critical alert (UI-12). Made in the
// browser, silent until switched on by a click, at most four a second, and always with a visual twin.

import { currentChoices } from "./choices.ts";

const GAP_S = 0.25;
/** An alarm is due at most so much later, whatever sounded before it. */
const ALARM_LATE_S = 1;
const BUY = [587, 784];
const SELL = [784, 587];
const ALARM = [880, 880, 880];

let context: AudioContext | null = null;
/** On the audio clock, in seconds: what is heard is spaced, however busy the page's own thread is. */
let quietUntil = 0;

/** Called from the click that switches sound on: a browser allows it only there. */
export function wakeSound(): void {
  context ??= new AudioContext();
  void context.resume();
}

/** `due`: it waits for its turn where another one would be left out. */
function tones(pitches: readonly number[], due: boolean): void {
  const choices = currentChoices();
  if (context === null || !choices.sound) return;
  // a phone stops the audio of a page that was away
  if (context.state !== "running") void context.resume();
  const { currentTime } = context;
  if (currentTime < quietUntil && !due) return;
  const now = Math.max(currentTime, Math.min(quietUntil, currentTime + ALARM_LATE_S));
  quietUntil = now + GAP_S;
  const loudness = (choices.volume / 100) * 0.25;
  for (const [index, pitch] of pitches.entries()) {
    const start = now + index * 0.11;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.type = "sine";
    oscillator.frequency.value = pitch;
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(loudness, start + 0.012);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.1);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + 0.12);
  }
}

export function fillSound(side: "BUY" | "SELL"): void {
  if (currentChoices().fillSound) tones(side === "BUY" ? BUY : SELL, false);
}

export function alarmSound(): void {
  if (currentChoices().alertSound) tones(ALARM, true);
}
