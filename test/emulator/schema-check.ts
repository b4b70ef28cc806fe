// `node test/emulator/schema-check.ts <folder>`: REST replies of the emulator against the schemas of openxapi, where
// somebody has them (`specs/binance/openapi` of its repository; decision 0045). Prints every difference. Run by hand.

import { createHmac } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { FREE_PORTS, startEmulator } from "../../src/exchange/emulator/emulator.ts";

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
}

interface Document {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly responses: Readonly<
    Record<string, { readonly content?: { readonly "application/json"?: { readonly schema: Schema } } }>
  >;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("name the folder specs/binance/openapi of openxapi");

const symbol = "symbol=BTCUSDT";
const ORDER = `${symbol}&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01`;
const USDM = [
  ["POST /fapi/v1/order", `${ORDER}&price=60005&newClientOrderId=taken&newOrderRespType=RESULT`],
  ["POST /fapi/v1/order", `${ORDER}&price=59000&newClientOrderId=rests`],
  ...["order", "openOrder"].map((path) => [`GET /fapi/v1/${path}`, `${symbol}&origClientOrderId=rests`]),
  ...["openOrders", "allOrders", "userTrades", "commissionRate", "symbolConfig", "leverageBracket"].map((path) => [
    `GET /fapi/v1/${path}`,
    symbol,
  ]),
  ["PUT /fapi/v1/order", `${symbol}&side=BUY&origClientOrderId=rests&quantity=0.02&price=58000`],
  ["DELETE /fapi/v1/order", `${symbol}&origClientOrderId=rests`],
  ["POST /fapi/v1/leverage", `${symbol}&leverage=5`],
  ...["v3/account", "v2/account", "v3/balance", "v2/balance"].map((path) => [`GET /fapi/${path}`, ""]),
  ...["v3/positionRisk", "v2/positionRisk"].map((path) => [`GET /fapi/${path}`, symbol]),
  ...["accountConfig", "multiAssetsMargin", "positionSide/dual", "rateLimit/order"].map((p) => [
    `GET /fapi/v1/${p}`,
    "",
  ]),
  ...["depth", "trades", "aggTrades", "premiumIndex", "fundingRate", "openInterest"].map((p) => [
    `GET /fapi/v1/${p}`,
    symbol,
  ]),
  ...["ticker/24hr", "ticker/bookTicker"].map((path) => [`GET /fapi/v1/${path}`, symbol]),
  ...["time", "exchangeInfo", "fundingInfo"].map((path) => [`GET /fapi/v1/${path}`, ""]),
  ["DELETE /fapi/v1/allOpenOrders", symbol],
  ["POST /fapi/v1/listenKey", ""],
] as const;
const SPOT = [
  ["POST /api/v3/order", `${ORDER}&price=60050&newClientOrderId=taken&newOrderRespType=FULL`],
  ["POST /api/v3/order", `${ORDER}&price=59000&newClientOrderId=rests`],
  ["GET /api/v3/order", `${symbol}&origClientOrderId=rests`],
  ...["openOrders", "allOrders", "myTrades", "account/commission", "depth", "trades", "aggTrades", "avgPrice"].map(
    (path) => [`GET /api/v3/${path}`, symbol],
  ),
  ["DELETE /api/v3/order", `${symbol}&origClientOrderId=rests`],
  ...["account", "time", "rateLimit/order", "exchangeInfo"].map((path) => [`GET /api/v3/${path}`, ""]),
  ...["ticker/24hr", "ticker/bookTicker"].map((path) => [`GET /api/v3/${path}`, symbol]),
] as const;

const emulator = await startEmulator({ ports: FREE_PORTS, controlPort: null, market: { kind: "hand" } });
for (const [name, routes] of [["umfutures", USDM] as const, ["spot", SPOT] as const]) {
  const port = emulator.ports[name === "spot" ? "binance-spot" : "binance-usdm"];
  for (const [route = "", query = ""] of routes) {
    const [method = "", path = ""] = route.split(" ");
    const file = join(folder, name, `${method.toLowerCase()}${path.replaceAll("/", "_")}.yaml`);
    const text = `${query}${query === "" ? "" : "&"}timestamp=${Date.now()}`;
    const signature = createHmac("sha256", "demo-secret").update(text).digest("hex");
    const url = `http://127.0.0.1:${port}${path}?${text}&signature=${signature}`;
    const reply = await fetch(url, { method, headers: { "X-MBX-APIKEY": "demo-key" } });
    const body: unknown = await reply.json();
    if (!reply.ok) process.stdout.write(`${route}: ${reply.status} ${JSON.stringify(body)}\n`);
    else if (!existsSync(file)) process.stdout.write(`${route}: no schema\n`);
    else {
      const document = parse(readFileSync(file, "utf8")) as Document;
      const operation = document.paths[path]?.[method.toLowerCase()];
      const schema = operation?.responses["200"]?.content?.["application/json"]?.schema;
      if (schema === undefined) continue;
      for (const each of new Set(differences(document, schema, { at: route, value: body })))
        process.stdout.write(`${each}\n`);
    }
  }
}
await emulator.close();

function differences(
  of: Document,
  given: Schema,
  { at, value }: { readonly at: string; readonly value: unknown },
): string[] {
  const schema = given.$ref === undefined ? given : of.components.schemas[given.$ref.split("/").at(-1) ?? ""];
  if (schema === undefined) return [];
  if (schema.oneOf !== undefined) {
    const each = schema.oneOf.map((one) => differences(of, one, { at, value }));
    return each.toSorted((a, b) => a.length - b.length)[0] ?? [];
  }
  if (schema.type === "array") {
    if (!Array.isArray(value)) return [`${at} is no list`];
    return value.flatMap((one: unknown) => differences(of, schema.items ?? {}, { at: `${at}[]`, value: one }));
  }
  if (schema.properties !== undefined) {
    if (typeof value !== "object" || value === null) return [`${at} is no object`];
    const fields = new Map<string, unknown>(Object.entries(value));
    return [
      ...Object.entries(schema.properties).flatMap(([field, type]) =>
        fields.has(field)
          ? differences(of, type, { at: `${at}.${field}`, value: fields.get(field) })
          : [`${at}.${field} is missing`],
      ),
      ...[...fields.keys()]
        .filter((field) => !(field in (schema.properties ?? {})))
        .map((field) => `${at}.${field} is not declared`),
    ];
  }
  const kind = schema.type === "integer" ? "number" : schema.type;
  return kind === undefined || typeof value === kind || kind === "object"
    ? []
    : [`${at} is ${typeof value}, not ${kind}`];
}
