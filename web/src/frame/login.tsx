// Where live-server wants to know who looks: a view key or token, traded for a cookie no script can read. It gives no
// operator rights.

import { type ReactNode, useState } from "react";
import { link } from "../wire/link.ts";

export function Login(): ReactNode {
  const [typed, setTyped] = useState("");
  const [fault, setFault] = useState("");
  const send = async (): Promise<void> => {
    const text = typed.trim();
    const body = text.split(".").length === 3 ? { jwt: text } : { key: text };
    try {
      const response = await fetch("/api/v1/login", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (response.ok) link.tryNow();
      else setFault(response.status === 429 ? "Too many tries: wait a minute." : "That key is not accepted.");
    } catch {
      setFault("live-server cannot be reached.");
    }
  };
  return (
    <main className="empty" id="screen" tabIndex={-1}>
      <h1>OpenSQT</h1>
      <p>This server shows its bots to those with a view key.</p>
      <form
        className="inner-form"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <label className="field">
          <span>View key or token</span>
          <input
            type="password"
            autoComplete="off"
            required
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        {fault !== "" && (
          <p className="result bad" role="alert">
            {fault}
          </p>
        )}
        <footer>
          <button type="submit" className="main">
            Look
          </button>
        </footer>
      </form>
    </main>
  );
}
