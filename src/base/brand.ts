// Nominal types: two integers of different meaning never mix by accident.

declare const brand: unique symbol;

/** A `Base` that carries the meaning `Name`; made only by the constructors of the module that owns the meaning. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name };
