// The frame around the screens: header, notes, the rail of screens (tabs on a phone), sheets, news.

import { Component, type ErrorInfo, type ReactNode, useEffect, useState, useSyncExternalStore } from "react";
import { ControlSheet } from "../door/controls.tsx";
import { KillDialog } from "../door/kill.tsx";
import { PairingDialog } from "../door/pairing.tsx";
import { startKeys } from "../keys.ts";
import { watchMedia } from "../media.ts";
import { Fault } from "../parts/panel.tsx";
import { usePicture } from "../picture/use.ts";
import { addressOf, type Place, SCREENS, type Screen, usePlace } from "../place.ts";
import { BotScreen, MoneyScreen, OverviewScreen, RiskScreen } from "../screens/screens.tsx";
import { SetupScreen } from "../screens/setup.tsx";
import { SystemScreen } from "../screens/system.tsx";
import { WhyScreen } from "../screens/why.tsx";
import { Header, type Sheet } from "./header.tsx";
import { Login } from "./login.tsx";
import { Notes } from "./notes.tsx";
import { KeysSheet, SoundSheet } from "./sheets.tsx";

const NAMES: Readonly<Record<Screen, string>> = {
  overview: "Overview",
  bot: "Bot",
  money: "Money",
  risk: "Risk",
  system: "System",
  why: "Why",
  setup: "Setup",
};

const PHONE: readonly (readonly [string, Partial<Place>])[] = [
  ["Chart", { screen: "bot", tab: "" }],
  ["Ladder", { screen: "bot", tab: "ladder" }],
  ["Orders", { screen: "bot", tab: "orders" }],
  ["Money", { screen: "money", tab: "" }],
  ["Risk", { screen: "risk", tab: "" }],
];

const narrow = watchMedia("(max-width: 699px)");
const usePhone = (): boolean => useSyncExternalStore(narrow.onChange, narrow.matches);

function Rail({ place }: { readonly place: Place }): ReactNode {
  return (
    <nav className="rail" aria-label="Screens">
      {SCREENS.map((screen, index) => (
        <a
          key={screen}
          href={addressOf({ ...place, screen, tab: "" })}
          {...(screen === place.screen ? { "aria-current": "page" as const } : {})}
        >
          {NAMES[screen]} <small aria-hidden="true">{index + 1}</small>
        </a>
      ))}
      <p className="end">{__RELEASE__}</p>
    </nav>
  );
}

const PhoneTabs = ({ place }: { readonly place: Place }): ReactNode => (
  <nav className="phone-tabs" aria-label="Screens">
    {PHONE.map(([name, to]) => (
      <a
        key={name}
        href={addressOf({ ...place, ...to })}
        {...(to.screen === place.screen && to.tab === place.tab ? { "aria-current": "page" as const } : {})}
      >
        {name}
      </a>
    ))}
  </nav>
);

interface ScreenProps {
  readonly place: Place;
  readonly phone: boolean;
  readonly onKill: () => void;
}

function ScreenOf({ place, phone, onKill }: ScreenProps): ReactNode {
  switch (place.screen) {
    case "overview":
      return <OverviewScreen />;
    case "bot":
      return <BotScreen phone={phone} />;
    case "money":
      return <MoneyScreen />;
    case "risk":
      return <RiskScreen onKill={onKill} />;
    case "system":
      return <SystemScreen />;
    case "why":
      return <WhyScreen />;
    case "setup":
      return <SetupScreen />;
  }
}

/** One screen's fault leaves the frame, the connection and Kill standing. */
class Fence extends Component<{ readonly children: ReactNode }, { readonly fault: string }> {
  override state = { fault: "" };

  static getDerivedStateFromError(error: unknown): { fault: string } {
    return { fault: error instanceof Error ? error.message : String(error) };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error("the screen failed", error, info.componentStack);
  }

  override render(): ReactNode {
    if (this.state.fault === "") return this.props.children;
    return (
      <Fault
        what={`This screen failed: ${this.state.fault}.`}
        next="The others go on; trading is not affected."
        retry={() => this.setState({ fault: "" })}
      />
    );
  }
}

export function App(): ReactNode {
  const place = usePlace();
  const phone = usePhone();
  const login = usePicture((picture) => picture.link.state === "login");
  const lost = usePicture((picture) => picture.link.state === "lost");
  const [sheet, setSheet] = useState<Sheet>(null);
  useEffect(() => startKeys(setSheet), []);
  useEffect(() => {
    document.title = `${NAMES[place.screen]} · OpenSQT`;
  }, [place.screen]);
  const close = (): void => setSheet(null);
  if (login) return <Login />;
  return (
    <div className="frame">
      <Header onSheet={setSheet} />
      <Notes />
      {phone ? null : <Rail place={place} />}
      <main className={lost ? "screen stale" : "screen"} id="screen" tabIndex={-1} data-screen={place.screen}>
        <h1 className="unseen">{NAMES[place.screen]}</h1>
        <Fence key={place.screen}>
          <ScreenOf place={place} phone={phone} onKill={() => setSheet("kill")} />
        </Fence>
      </main>
      {phone ? <PhoneTabs place={place} /> : null}
      <ControlSheet />
      {sheet === "kill" && <KillDialog onClose={close} />}
      {sheet === "keys" && <KeysSheet onClose={close} />}
      {sheet === "sound" && <SoundSheet onClose={close} />}
      {sheet === "pair" && <PairingDialog onClose={close} />}
    </div>
  );
}
