// What the build writes into the page.

declare const __RELEASE__: string;
