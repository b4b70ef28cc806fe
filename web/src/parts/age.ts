// The age of what a panel shows, for its head and its grey (UI-04).

import { type Age, ageOf } from "../picture/freshness.ts";
import { store } from "../picture/store.ts";
import { useNow } from "../picture/use.ts";

/** Of what comes from the sources themselves, whatever feed of an exchange is late. */
export const useSourceAge = (): Age => ageOf(store.get(), [], "", useNow());
