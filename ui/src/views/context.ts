//! What every view reaches without handing it down.

import { createContext } from "svelte";
import type { Ferry } from "../state/ferry.svelte";
import type { Stage } from "./stage.svelte";

export const [getFerry, setFerry] = createContext<Ferry>();
export const [getStage, setStage] = createContext<Stage>();
