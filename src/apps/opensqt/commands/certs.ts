// `opensqt certs …`: a private authority and the certificates of the processes. Options only.

import type { Command } from "commander";
import type { IssueFlags, NewCertsFlags, RenewFlags, ShowFlags } from "../certs-run.ts";

const run = async () => import("../certs-run.ts");

const INIT = `
Example:
  opensqt certs init 10.0.0.5 trade.example.org --out certs

Every leaf also answers to NAME.opensqt (as the examples' configurations expect), localhost and 127.0.0.1.
The authority's key is in authority/ of the folder: keep it on another machine once the leaves are made.`;

export function register(program: Command): void {
  const certs = program.command("certs").description("a private authority, and certificates of processes and callers");
  certs
    .command("init")
    .description("make an authority, and leaves for connector, engine, view and operator")
    .argument("[hosts...]", "names and addresses the processes are reached by")
    .option("--out <folder>", "where to write; never over files that are there", "certs")
    .option("--days <n>", "how long leaves last", "90")
    .option("--json", "one JSON document")
    .addHelpText("after", INIT)
    .action(async (hosts: string[], flags: NewCertsFlags) => (await run()).initCerts(hosts, flags));
  certs
    .command("issue")
    .description("one more leaf: for another machine, or another caller")
    .argument("<name>", "name of its files; callers are known by NAME.opensqt")
    .argument("[hosts...]", "names and addresses it is reached by")
    .option("--out <folder>", "folder of certs init", "certs")
    .option("--days <n>", "how long it lasts", "90")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt certs issue grafana --out certs")
    .action(async (name: string, hosts: string[], flags: IssueFlags) => (await run()).issueCert(name, hosts, flags));
  certs
    .command("renew")
    .description("replace the leaves while the processes run: they take the new ones by themselves")
    .argument("[names...]", "only these; all unless named")
    .option("--out <folder>", "folder of certs init", "certs")
    .option("--days <n>", "how long they last", "90")
    .option("--new-keys", "other private keys too, not only other certificates")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt certs renew engine --out certs")
    .action(async (names: string[], flags: RenewFlags) => (await run()).renewCerts(names, flags));
  certs
    .command("show")
    .description("every certificate: who it is, what it answers to, when it ends; exit 4 when one has ended")
    .option("--out <folder>", "folder of certs init", "certs")
    .option("--json", "one JSON document")
    .addHelpText("after", "\nExample:\n  opensqt certs show --out certs")
    .action(async (flags: ShowFlags) => (await run()).showCerts(flags));
}
