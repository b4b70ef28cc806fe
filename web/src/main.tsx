// The console starts here: theme, connection, page. It reads from live-server and commands only through the engine's
// own door, with a key a person gave it.

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./look/tokens.css";
import "./look/frame.css";
import "./look/things.css";
import "./look/setup.css";
import "./look/narrow.css";
import { App } from "./frame/app.tsx";
import { startTheme } from "./theme.ts";
import { link } from "./wire/link.ts";

startTheme();
link.start();
const place = document.getElementById("console");
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
