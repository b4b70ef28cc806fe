// One page a service from the comments of the proto files (API-43): what buf's image says, arranged for a reader. The
// roles are those of the table the servers go by, never retyped.

import { ruleOf } from "../src/rpc/roles.ts";

interface Location {
  readonly path?: readonly number[];
  readonly leadingComments?: string;
}
interface Field {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName?: string;
}
interface Message {
  readonly name: string;
  readonly field?: readonly Field[];
  readonly nestedType?: readonly Message[];
}
interface Enum {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number?: number }[];
}
interface Rpc {
  readonly name: string;
  readonly inputType: string;
  readonly outputType: string;
  readonly serverStreaming?: boolean;
}
interface Service {
  readonly name: string;
  readonly method: readonly Rpc[];
}
export interface ProtoFile {
  readonly name: string;
  readonly package: string;
  readonly messageType?: readonly Message[];
  readonly enumType?: readonly Enum[];
  readonly service?: readonly Service[];
  readonly sourceCodeInfo?: { readonly location: readonly Location[] };
}

/** Field numbers of FileDescriptorProto and what it holds, which paths of comments are made of. */
const MESSAGE = 4;
const ENUM = 5;
const SERVICE = 6;
const MEMBER = 2;

const PACKAGE = "opensqt.market_maker.v1";
const HEAD = "<!-- Written by `make proto` from proto/. Change the comments there. -->";

/** Path under docs/api → text. */
export function protoDocs(files: readonly ProtoFile[]): ReadonlyMap<string, string> {
  const ours = files.filter((file) => file.package === PACKAGE);
  const book = new Book(ours);
  const pages = new Map<string, string>();
  for (const file of ours) {
    for (const [at, service] of (file.service ?? []).entries()) {
      pages.set(`${service.name}.md`, book.servicePage(file, service, at));
    }
  }
  pages.set("README.md", book.contents());
  return pages;
}

class Book {
  private readonly files: readonly ProtoFile[];
  private readonly comments = new Map<string, string>();

  constructor(files: readonly ProtoFile[]) {
    this.files = files;
    for (const file of files) {
      for (const { path = [], leadingComments } of file.sourceCodeInfo?.location ?? []) {
        if (leadingComments === undefined) continue;
        this.comments.set(`${file.name}:${path.join(".")}`, leadingComments.trim().replaceAll(/\s*\n\s*/g, " "));
      }
    }
  }

  contents(): string {
    const services = this.files.flatMap((file) =>
      (file.service ?? []).map((service, at) => {
        const said = this.said(file, SERVICE, at);
        return `- [${service.name}](${service.name}.md): ${said}`;
      }),
    );
    const shared = this.files.filter(({ service }) => service === undefined);
    return [
      HEAD,
      "# The gRPC API",
      `Package \`${PACKAGE}\`; the sources are in \`proto/\`. Rules that hold for every call (ids, decimals, times,` +
        " streams, errors) are in [docs/spec/api.md](../spec/api.md); what this release does not answer yet is in" +
        " [unimplemented.md](unimplemented.md); a client each in TypeScript, Python and Go is in `examples/clients`.",
      services.join("\n"),
      "## Messages the services share",
      ...shared.flatMap((file) => this.messages(file)),
      "## Enumerations",
      ...this.files.flatMap((file) => this.enums(file)),
      "",
    ].join("\n\n");
  }

  servicePage(file: ProtoFile, service: Service, at: number): string {
    const rpcs = service.method.map((rpc, index) => this.rpc(file, { service, at, rpc, index }));
    return [
      HEAD,
      `# ${service.name}`,
      `\`${PACKAGE}.${service.name}\`. ${this.said(file, SERVICE, at)}`,
      ...rpcs,
      "## Messages",
      ...this.messages(file, (name) => !/(?:Request|Response)$/.test(name)),
      "",
    ].join("\n\n");
  }

  private rpc(file: ProtoFile, place: { service: Service; at: number; rpc: Rpc; index: number }): string {
    const { service, at, rpc, index } = place;
    const rule = ruleOf(`/${PACKAGE}.${service.name}/${rpc.name}`);
    const stream = rpc.serverStreaming === true ? " · stream" : "";
    const changes = rule?.mutates === true ? " · changes something: never retried by a client" : "";
    return [
      `## ${rpc.name}`,
      this.said(file, SERVICE, at, MEMBER, index),
      `Role: ${rule?.role ?? "none"}${stream}${changes}.`,
      ...this.side("Request", rpc.inputType),
      ...this.side("Response", rpc.outputType),
    ].join("\n\n");
  }

  private side(title: string, typeName: string): string[] {
    const name = typeName.slice(typeName.lastIndexOf(".") + 1);
    for (const file of this.files) {
      const at = (file.messageType ?? []).findIndex((message) => message.name === name);
      const message = file.messageType?.[at];
      if (message !== undefined) return [`**${title}** \`${name}\``, this.table(file, message, at)];
    }
    return [`**${title}** \`${name}\``];
  }

  private messages(file: ProtoFile, wanted: (name: string) => boolean = () => true): string[] {
    return (file.messageType ?? []).flatMap((message, at) =>
      wanted(message.name) ? [`### ${message.name}`, this.said(file, MESSAGE, at), this.table(file, message, at)] : [],
    );
  }

  private table(file: ProtoFile, message: Message, at: number): string {
    const fields = message.field ?? [];
    if (fields.length === 0) return "No fields.";
    const rows = fields.map((field, index) => {
      const said = this.said(file, MESSAGE, at, MEMBER, index).replaceAll("|", "\\|");
      return `| ${field.number} | \`${field.name}\` | ${typeOf(field, message)} | ${said} |`;
    });
    return ["| # | field | type | |", "|---|---|---|---|", ...rows].join("\n");
  }

  private enums(file: ProtoFile): string[] {
    return (file.enumType ?? []).flatMap((each, at) => {
      const rows = each.value.map(({ name, number = 0 }, index) => {
        return `| ${number} | \`${name}\` | ${this.said(file, ENUM, at, MEMBER, index)} |`;
      });
      return [`### ${each.name}`, this.said(file, ENUM, at), ["| # | value | |", "|---|---|---|", ...rows].join("\n")];
    });
  }

  private said(file: ProtoFile, ...path: readonly number[]): string {
    return this.comments.get(`${file.name}:${path.join(".")}`) ?? "";
  }
}

function typeOf(field: Field, message: Message): string {
  const { type, typeName = "", label } = field;
  const name =
    typeName === "" ? type.replace("TYPE_", "").toLowerCase() : typeName.slice(typeName.lastIndexOf(".") + 1);
  const isMap = (message.nestedType ?? []).some((nested) => nested.name === name && name.endsWith("Entry"));
  if (isMap) return "map of string to string";
  return label === "LABEL_REPEATED" ? `list of ${name}` : name;
}
